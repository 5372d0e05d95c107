import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { synthesize } from "./synthesize";

const root = join(__dirname, "..", "..");
const documents = [
  "README.md",
  ...readdirSync(join(root, "docs")).flatMap((name) => (name.endsWith(".md") ? [`docs/${name}`] : [])),
];

test("a plan that the README asks for on a fresh account reads nothing that another stack must have made", () => {
  const text = readFileSync(join(root, "README.md"), "utf8");
  const { all } = synthesize("production");
  const asked = [...text.matchAll(/cdktf -- (?:plan|diff) production-([a-z-]+)/g)].map(([, name]) => name);
  const reading = all.filter(({ json }) => "terraform_remote_state" in ((json.data ?? {}) as object));
  expect(reading.length).toBeGreaterThan(0);
  expect(reading.filter(({ name }) => asked.includes(name)).map(({ name }) => name)).toEqual([]);
});

test.each(documents)("%s links to what is there", (document) => {
  const text = readFileSync(join(root, document), "utf8");
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(([, path]) => path as string);
  expect(links.filter((path) => !existsSync(join(root, dirname(document), path)))).toEqual([]);
});
