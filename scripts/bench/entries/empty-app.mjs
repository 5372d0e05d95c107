// The floor of synth: bundles an app that holds nothing with esbuild, which takes a tenth of the time of transpiling file
// by file, and runs it. Nothing is kept from one run to the next.
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
const outfile = resolve(root, process.env.VWT_DIST ?? "dist", "empty-app.cjs");
try {
  buildSync({
    absWorkingDir: root,
    entryPoints: ["scripts/bench/entries/empty-app.ts"],
    outfile,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "cjs",
    target: "node20",
    logLevel: "error",
  });
} catch {
  process.exit(1); // esbuild has said why
}
process.chdir(root);
createRequire(import.meta.url)(outfile);
