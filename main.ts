import { join } from "node:path";
import { App } from "cdktf";
import { models } from "./catalogue/models";
import { ConfigError, loadConfig } from "./config";
import { withoutStackTraces } from "./modules/base/stack-traces";
import { evaluationCode } from "./modules/bundling/evaluation";
import { buildHandlers } from "./modules/bundling/handlers";
import { buildInitialModels } from "./modules/bundling/initial-model";
import { addStacks } from "./stacks";

async function main(): Promise<void> {
  const config = loadConfig(process.env.VWT_ENVIRONMENT ?? "local");
  // The folder that modules/bundling/synth.mjs names to this file, which it runs as a bundle.
  const dist = __dirname;
  const [bundles, initialModels] = await Promise.all([
    buildHandlers(process.cwd(), join(dist, "functions")),
    buildInitialModels(models, join(dist, "initial-models")),
  ]);
  const built = { bundles, initialModels, evaluationCode: evaluationCode(process.cwd()) };
  withoutStackTraces(() => {
    const app = new App();
    addStacks(app, { config, models, ...built });
    app.synth();
  });
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exitCode = 1;
});
