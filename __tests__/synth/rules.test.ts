import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { RULES } from "./rules";
import { NAMED } from "./rules/names-fit";
import { stacksOf } from "./rules/rule";
import { synthesize } from "./synthesize";

/** Files that hold no rule of their own. */
const NO_RULES = ["bucket-setting.ts", "index.ts", "rule.ts"];
const rules = Object.entries(RULES);

test("every file of rules is in the list, by its name", () => {
  const files = readdirSync(join(__dirname, "rules")).filter((name) => !NO_RULES.includes(name));
  expect(files.sort()).toEqual(Object.keys(RULES).map((name) => `${name}.ts`));
  expect(NO_RULES.every((name) => existsSync(join(__dirname, "rules", name)))).toBe(true);
});

describe.each(["local", "development", "production"])("all stacks of %s", (environment) => {
  const { all } = synthesize(environment);

  test.each(rules.filter(([, { except = [] }]) => !except.includes(environment)))("%s", (_, { judge, least }) => {
    const judgements = judge(all, environment);
    expect(judgements.filter(([, wrong]) => wrong !== undefined)).toEqual([]);
    expect(judgements.length).toBeGreaterThanOrEqual(least);
  });

  test("every type whose names have a limit is there", () => {
    expect(NAMED.filter((type) => all.every((stack) => stack.count(type) === 0))).toEqual([]);
  });
});

describe.each(rules)("%s", (_, { judge, keeps, breaks }) => {
  const wrongs = (terraform: (typeof breaks)[string]) =>
    judge(stacksOf(terraform), "test").flatMap(([, wrong]) => wrong ?? []);

  test("lets pass what keeps it", () => {
    expect(judge(stacksOf(keeps), "test").length).toBeGreaterThan(0);
    expect(wrongs(keeps)).toEqual([]);
  });

  test.each(Object.entries(breaks))("finds what %s", (wrong, terraform) => {
    expect(wrongs(terraform)).toContain(wrong);
  });
});
