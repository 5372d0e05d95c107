// The app of cdktf.json: runs main.ts as a bundle. What makes a start slow is done once and kept: the bundle, until a
// source changes; the packages that it uses, as one file, until they change; and what V8 compiled of both.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { compiled, fingerprint, INSTALLED, KEPT } from "./kept.cjs";

const self = fileURLToPath(import.meta.url);
const root = resolve(dirname(self), "../..");
const installed = createRequire(self);

/** All that decides on the bundle of main.ts: these files, and those of the rooms that it is built of. */
const FILES = ["main.ts", "package.json", "tsconfig.json"];
const ROOMS = ["catalogue", "config", "contracts", "modules", "stacks"];
const SOURCE = /\.([cm]?[jt]s|json)$/;

function build(options) {
  try {
    const { outputFiles, metafile } = installed("esbuild").buildSync({
      absWorkingDir: root,
      bundle: true,
      write: false,
      metafile: true,
      platform: "node",
      format: "cjs",
      target: "node20",
      logLevel: "error",
      ...options,
    });
    return { code: outputFiles[0].text, ...Object.values(metafile.outputs)[0], inputs: Object.keys(metafile.inputs) };
  } catch {
    process.exit(1); // esbuild has said why
  }
}

function sources() {
  const inRooms = ROOMS.flatMap((room) =>
    readdirSync(join(root, room), { recursive: true }).map((name) => `${room}/${name}`),
  );
  return [...FILES, ...inRooms.filter((name) => SOURCE.test(name)).sort()];
}

/** Bundles main.ts without its packages, whose names are in the first line. */
function bundleProgram(known) {
  const { code, imports, inputs } = build({
    entryPoints: ["main.ts"],
    packages: "external",
    supported: { "dynamic-import": false },
  });
  const strange = inputs.find((name) => !known.includes(name));
  if (strange) throw new Error(`The program imports ${strange}, which modules/bundling/synth.mjs does not look at`);
  const packages = new Set(imports.map(({ path }) => path).filter((name) => !name.startsWith("node:")));
  // esbuild finds its own program beside its file.
  packages.delete("esbuild");
  return `//${JSON.stringify([...packages])}\n${code}`;
}

function bundlePackages(names) {
  const loaders = names.map((name) => `${JSON.stringify(name)}: () => require(${JSON.stringify(name)})`);
  return build({ stdin: { contents: `module.exports = {${loaders.join()}};`, resolveDir: root } }).code;
}

const digest = (name) =>
  createHash("sha256")
    .update(readFileSync(join(root, name)))
    .digest("hex");

const files = sources();
const program = compiled(join(root, KEPT, "main.cjs"), JSON.stringify(files.map((name) => [name, digest(name)])), () =>
  bundleProgram(files),
);
const [names] = program.source.slice(2).split("\n", 1);
const packages = compiled(
  join(root, KEPT, "packages.cjs"),
  JSON.stringify([names, fingerprint(root, INSTALLED), readFileSync(self, "utf8")]),
  () => bundlePackages(JSON.parse(names)),
).run(installed, join(root, KEPT));

process.chdir(root);
program.run((name) => packages[name]?.() ?? installed(name), resolve(root, process.env.VWT_DIST ?? "dist"));
