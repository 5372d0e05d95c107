import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { deploymentCommands, README, STACKS } from "../readme";
import { synthesize } from "./synthesize";

const root = join(__dirname, "..", "..");
const documents = ["", "docs", "catalogue", "containers", "local"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: folder !== "", encoding: "utf8" }).flatMap((name) =>
    name.endsWith(".md") ? [join(folder, name)] : [],
  ),
);

/** The anchors of a page's headings, as GitHub makes them. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );

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
  const links = [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)].map(([link, path = "", anchor]) => ({
    link,
    to: path === "" ? join(root, document) : join(root, dirname(document), path),
    anchor,
  }));
  const broken = links.filter(({ to, anchor }) =>
    anchor === undefined ? !existsSync(to) : !(existsSync(to) && anchorsOf(readFileSync(to, "utf8")).includes(anchor)),
  );
  expect(broken.map(({ link }) => link)).toEqual([]);
});
