import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { documents, PICTURED } from "../docs";
import { main } from "../lib/main";
import { local, root } from "../lib/paths";
import { step } from "../lib/progress";
import { synthesize } from "../lib/synth";

/** Writes the pages, sections and pictures that are made from code. */
main("docs", async () => {
  const output = local("docs");
  rmSync(output, { recursive: true, force: true });
  await step(`Synthesize ${PICTURED}`, () =>
    synthesize({ environment: PICTURED, output, dist: process.env.VWT_DIST ?? local("doctor", "dist") }),
  );
  const stacks = readdirSync(join(output, "stacks")).map((name) => [
    name.slice(PICTURED.length + 1),
    JSON.parse(readFileSync(join(output, "stacks", name, "cdk.tf.json"), "utf8")) as unknown,
  ]);
  for (const [path, text] of Object.entries(documents(Object.fromEntries(stacks)))) {
    writeFileSync(join(root, path), text);
    console.log(path);
  }
  return undefined;
});
