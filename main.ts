import { join } from "node:path";
import { App } from "cdktf";
import { models } from "./catalogue/models";
import { ConfigError, loadConfig } from "./config";
import { buildHandlers } from "./scripts/bundle/handlers";
import { buildInitialModels } from "./scripts/bundle/initial-model";
import { addStacks } from "./stacks";

async function main(): Promise<void> {
  const root = process.cwd();
  const config = loadConfig(process.env.VWT_ENVIRONMENT ?? "local");
  const [bundles, initialModels] = await Promise.all([
    buildHandlers(root, join(root, "dist", "functions")),
    buildInitialModels(models, join(root, "dist", "initial-models")),
  ]);
  const app = new App();
  addStacks(app, { config, models, bundles, initialModels });
  app.synth();
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exitCode = 1;
});
