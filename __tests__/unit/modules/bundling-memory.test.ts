import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { models } from "../../../catalogue/models";
import { bundleHandlers } from "../../../modules/bundling/bundle-handlers";
import { buildHandlers } from "../../../modules/bundling/handlers";
import { buildInitialModels } from "../../../modules/bundling/initial-model";

jest.mock("../../../modules/bundling/bundle-handlers", () => ({
  bundleHandlers: jest.fn(async () => ({ zips: { filter: Buffer.from("a zip") }, inputs: ["main.ts"] })),
}));

const root = resolve(__dirname, "../../..");
const bundled = jest.mocked(bundleHandlers);
let scratch: string;
let directory: string;
beforeEach(async () => {
  scratch = mkdtempSync(join(tmpdir(), "vwt-memory-"));
  directory = join(scratch, "functions");
  await buildHandlers(root, directory);
  bundled.mockClear();
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

test("what was built is not built again, wherever its folder has gone", async () => {
  const moved = join(scratch, "moved");
  renameSync(directory, moved);
  const { filter } = await buildHandlers(root, moved);
  expect(bundled).not.toHaveBeenCalled();
  expect(filter?.path).toBe(join(moved, "filter.zip"));
});

test.each(["main.ts", "tsconfig.json", "node_modules/.package-lock.json", "catalogue/models.ts"])(
  "what was built of another %s is built anew",
  async (name) => {
    const path = join(directory, "memory.json");
    const { inputs, ...memory } = JSON.parse(readFileSync(path, "utf8"));
    expect(inputs).toHaveProperty([name]);
    writeFileSync(path, JSON.stringify({ ...memory, inputs: { ...inputs, [name]: "1:1" } }));
    await buildHandlers(root, directory);
    expect(bundled).toHaveBeenCalledTimes(1);
  },
);

test.each([
  ["a zip that something else has written over", "filter.zip", "junk"],
  ["a zip that is gone", "filter.zip", null],
  ["a memory that nobody finished", "memory.json", "{"],
  ["a memory of another version", "memory.json", '{"bundles": {}}'],
  ["a memory that is no object", "memory.json", "null"],
  ["a memory without its inputs", "memory.json", '{"inputs": null, "zips": {}}'],
  ["a memory without its zips", "memory.json", '{"inputs": {}, "zips": null}'],
])("%s is built anew", async (_, name, text) => {
  const path = join(directory, name);
  if (text === null) rmSync(path);
  else writeFileSync(path, text);
  const { filter } = await buildHandlers(root, directory);
  expect(bundled).toHaveBeenCalledTimes(1);
  expect(readFileSync(filter?.path ?? "", "utf8")).toBe("a zip");
});

test("an initial model's archive that something else has written over is packed anew", async () => {
  const before = await buildInitialModels(models.slice(0, 1), directory);
  const { path } = Object.values(before)[0] ?? { path: "" };
  writeFileSync(path, "junk");
  expect(await buildInitialModels(models.slice(0, 1), directory)).toEqual(before);
});
