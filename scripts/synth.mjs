// The app of cdktf.json: bundles main.ts, which takes a tenth of the time of transpiling file by file, and runs it.
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const outfile = join(root, "dist", "main.cjs");
try {
  buildSync({
    absWorkingDir: root,
    entryPoints: ["main.ts"],
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
