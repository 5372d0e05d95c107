import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { deploymentCommands, README, STACKS } from "../readme";
import { synthesize } from "./synthesize";

const root = join(__dirname, "..", "..");
const documents = [
  "README.md",
  ...readdirSync(join(root, "docs")).flatMap((name) => (name.endsWith(".md") ? [`docs/${name}`] : [])),
];

const plan = (stack: string) => `npm run cdktf -- plan production-${stack}`;

test("one stack stands for each of them in the commands by which a README deploys", () => {
  const readme = `
## Deploy to AWS

3. **Create the state bucket** once: \`npm run bootstrap -- production\`.
4. **Review**: \`${plan("storage")}\`, and so on for each stack. **Deploy**: \`npm run cdktf -- deploy '*'\`.

## Configure
`;
  expect(deploymentCommands(readme)).toEqual([
    "npm run bootstrap -- production",
    ...STACKS.map(plan),
    "npm run cdktf -- deploy '*'",
  ]);
});

test("the README asks for no plan of a stack that reads what no stack has made yet", () => {
  const { all } = synthesize("production");
  expect(all.map(({ name }) => name)).toEqual(STACKS);
  const reading = all.filter(({ json }) => "terraform_remote_state" in ((json.data ?? {}) as object));
  expect(reading.length).toBeGreaterThan(0);
  const commands = deploymentCommands(README);
  expect(reading.filter(({ name }) => commands.includes(plan(name))).map(({ name }) => name)).toEqual([]);
});

test.each(documents)("%s links to what is there", (document) => {
  const text = readFileSync(join(root, document), "utf8");
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(([, path]) => path as string);
  expect(links.filter((path) => !existsSync(join(root, dirname(document), path)))).toEqual([]);
});
