import { readdirSync, readFileSync, statSync } from "node:fs";
import { builtinModules } from "node:module";
import { join, resolve } from "node:path";

const root = resolve(__dirname, "../..");
const json = (file: string) => JSON.parse(readFileSync(join(root, file), "utf8"));
const manifest = json("package.json") as {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly engines: { readonly node: string };
};
const lock = json("package-lock.json") as { readonly packages: Readonly<Record<string, { readonly version: string }>> };

/** Folders of what is deployed, and of what synthesizes it. */
const PRODUCTION = ["main.ts", "catalogue", "chain", "config", "contracts", "handlers", "modules", "stacks"];

const IMPORT = /(?:\bfrom |\bimport\(|\bimport |\brequire\()"((?:@[\w-]+\/)?[\w-]+)[^"]*"/g;

/** The packages that a file or the files of a folder import, types among them. */
const importedBy = (path: string): string[] => {
  const whole = join(root, path);
  const files = statSync(whole).isFile()
    ? [whole]
    : readdirSync(whole, { recursive: true, encoding: "utf8" }).map((name) => join(whole, name));
  return files
    .filter((file) => /\.(ts|mjs|cjs)$/.test(file))
    .flatMap((file) => [...readFileSync(file, "utf8").matchAll(IMPORT)].map(([, name]) => name as string));
};

test("dependencies are the packages that production and its synth import, and no other", () => {
  const imported = new Set(PRODUCTION.flatMap(importedBy));
  // Its source is resolved beside the bundles' entry points; node: modules are no packages.
  const packages = [...imported].filter((name) => name !== "node" && !builtinModules.includes(name));
  expect(packages.sort()).toEqual(Object.keys(manifest.dependencies).sort());
});

test("every package has one exact version", () => {
  const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

test.each(["@aws-sdk/core", "@smithy/core", "@smithy/types", "zod", "constructs", "esbuild"])(
  "%s is there once, so that who shares it shares one release",
  (name) => {
    const copies = Object.keys(lock.packages).filter((path) => path.endsWith(`node_modules/${name}`));
    // cdktf's CLI and its languages bring their own; nothing of them is deployed.
    expect(copies.filter((path) => !/node_modules\/(?:cdktf-cli|@cdktf\/|jsii)/.test(path))).toHaveLength(1);
  },
);

test("engines is the Node.js that npm's way in asks for", () => {
  const [, least] = /major < (\d+)/.exec(readFileSync(join(root, "scripts", "run.mjs"), "utf8")) ?? [];
  expect(manifest.engines.node).toBe(`>=${least}`);
});
