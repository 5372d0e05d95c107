import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  COMMANDS,
  type Command,
  type CommandName,
  given,
  ignoredEnvironment,
  typed,
  usage,
  wantsUsage,
} from "../../../scripts/lib/commands";
import { UserError } from "../../../scripts/lib/process";

const root = resolve(__dirname, "../../..");
const names = Object.keys(COMMANDS) as CommandName[];

/** Command lines that are refused, and the words by which they are. */
test.each<[CommandName, string[], string]>([
  ["start", ["--port", "1"], "There is no option --port; it has none."],
  ["start", ["now"], '"now" is one argument too many.'],
  ["stop", ["--claen"], "There is no option --claen; it has --clean."],
  ["stop", ["-c"], "There is no option -c; it has --clean."],
  ["stop", ["--clean=yes"], '--clean takes no value, not "yes".'],
  ["stop", ["--clean", "--clean"], "--clean is there twice."],
  ["stop", ["--", "--clean"], '"--clean" is one argument too many.'],
  ["status", ["--no-color"], "There is no option --no-color; it has none."],
  ["retrain", ["m", "--forced"], "There is no option --forced; it has --force, --manual, --labelling, --stop."],
  ["retrain", ["m", "--toString"], "There is no option --toString; it has --force, --manual, --labelling, --stop."],
  ["retrain", ["m", "--__proto__"], "There is no option --__proto__;"],
  ["retrain", ["m", "n"], '"n" is one argument too many.'],
  ["retrain", ["m", "--labelling"], "--labelling wants a value: --labelling <mode>."],
  ["retrain", ["m", "--labelling", "--force"], "--labelling wants a value: --labelling <mode>."],
  ["retrain", ["m", "--labelling="], "--labelling wants a value: --labelling <mode>."],
  ["retrain", ["m", "--labelling", " "], "--labelling wants a value: --labelling <mode>."],
  [
    "retrain",
    ["m", "--labelling", "People"],
    '--labelling must be one of outcome, people, automatic, ground-truth, not "People".',
  ],
  ["retrain", ["m", "--stop", "--force"], "--stop means something by itself alone; leave the other options out."],
  ["retrain", ["m", "--labelling=people", "--stop"], "--stop means something by itself alone;"],
  ["approve", ["m", "v", "--reason"], '--reason wants a value: --reason "<why>".'],
  ["rollback", ["m", "v", "w"], '"w" is one argument too many.'],
  ["drift", ["m", "--hours", "0"], '--hours must be a number above 0, not "0".'],
  ["drift", ["m", "--hours", "abc"], '--hours must be a number above 0, not "abc".'],
  ["drift", ["m", "--hours", "Infinity"], '--hours must be a number above 0, not "Infinity".'],
  ["drift", ["m", "--hours=-3"], '--hours must be a number above 0, not "-3".'],
  ["fuzz", ["--minutes", "soon"], '--minutes must be a number above 0, not "soon".'],
  [
    "labeller",
    [],
    "Name the action: npm run labeller -- <action> <user-name> [--operator <operator id>] [--group <group>].",
  ],
  ["labeller", ["add"], "Name the user-name:"],
  ["bootstrap", [], "Name the environment: npm run bootstrap -- <environment>."],
  ["doctor", [], "Name the environment: npm run doctor -- <environment>."],
])("%s %j is refused: %s", (name, args, words) => {
  expect(() => given(name, args)).toThrow(UserError);
  expect(() => given(name, args)).toThrow(words);
  expect(() => given(name, args)).toThrow(`How to use it: ${typed(name)} -- --help`);
});

test.each<[CommandName, string[], unknown]>([
  ["stop", [], { arguments: [], options: { clean: false } }],
  ["stop", ["--clean"], { arguments: [], options: { clean: true } }],
  [
    "retrain",
    ["m", "--force", "--labelling=people"],
    { arguments: ["m"], options: { force: true, labelling: "people" } },
  ],
  ["retrain", ["m", "--stop"], { arguments: ["m"], options: { stop: true } }],
  [
    "approve",
    ["--reason", "too old", "m", "--reject"],
    { arguments: ["m"], options: { reject: true, reason: "too old" } },
  ],
  ["approve", ["m", "--reason=-1 %"], { options: { reason: "-1 %" } }],
  ["drift", ["m", "--hours", "1.5"], { options: { hours: "1.5" } }],
  ["fuzz", ["requests", "machine"], { arguments: ["requests", "machine"] }],
  ["test:e2e", ["--keep", "10-"], { arguments: ["10-"], options: { keep: true } }],
  ["test:python", ["-k", "tuning"], { arguments: ["-k", "tuning"], options: {} }],
  ["cdktf", ["deploy", "*", "--auto-approve"], { arguments: ["deploy", "*", "--auto-approve"], options: {} }],
])("%s %j is understood", (name, args, expected) => {
  expect(given(name, args)).toMatchObject(expected as object);
});

test("an option that npm kept to itself is not lost in silence", () => {
  const env = { npm_config_manual: "true" };
  expect(() => given("retrain", ["m"], env)).toThrow("npm kept --manual to itself: put -- before it.");
  expect(given("retrain", ["m", "--manual"], env).options.manual).toBe(true);
});

describe("the table of commands", () => {
  const scripts = (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> })
    .scripts;

  test("has all that npm runs, and no other", () => {
    const run = Object.entries(scripts).filter(([, line]) => line.startsWith("node scripts/run.mjs"));
    expect(run.map(([name]) => name).sort()).toEqual([...names].sort());
    for (const [name, line] of run) expect(line).toBe(`node scripts/run.mjs ${name}`);
    expect(readdirSync(join(root, "scripts", "commands")).sort()).toEqual(
      names.map((name) => `${name.replace(":", "-")}.ts`).sort(),
    );
  });

  test("is what README.md tells users, and CONTRIBUTING.md who works on it", () => {
    const told = ["README.md", "CONTRIBUTING.md"].flatMap((page) => {
      const [, rows = ""] = readFileSync(join(root, page), "utf8").split(/^\| command \| \w+ \|\n\|[- |]+\n/m);
      const cells = [...(rows.split("\n\n")[0] ?? "").matchAll(/^\| (.+?) \| /gm)].map(([, cell = ""]) => cell);
      return cells.flatMap((cell) =>
        [...cell.matchAll(/`(?:npm (?:run )?)?([a-z0-9:]+)/g)].map(([, name = ""]) => name),
      );
    });
    // cdktf is told of where it is used.
    expect(names.filter((name) => name !== "cdktf" && !told.includes(name))).toEqual([]);
    // Others are npm's scripts, or programs that npx starts.
    expect(told.filter((name) => !names.includes(name as CommandName) && !(name in scripts) && name !== "npx")).toEqual(
      [],
    );
  });

  test.each(names)("%s has a usage text that shows each option", (name) => {
    const text = usage(name);
    const { options = {}, does } = COMMANDS[name] as Command;
    expect(text.split("\n")[0]).toMatch(new RegExp(`^${typed(name)}`));
    for (const part of [does.slice(1), ...Object.keys(options).map((flag) => `--${flag}`)])
      expect(text).toContain(part);
    for (const line of text.split("\n")) expect(line.length).toBeLessThan(140);
    expect([wantsUsage(name, ["--help"]), wantsUsage(name, ["-h"]), wantsUsage(name, [])]).toEqual([true, true, false]);
  });

  test("a command of this machine's system says that it passes another environment by", () => {
    const said =
      "npm run status works on the system of this machine; VWT_ENVIRONMENT=production changes nothing about it.";
    expect(ignoredEnvironment("status", { VWT_ENVIRONMENT: "production" })).toBe(said);
    for (const VWT_ENVIRONMENT of ["local", "", undefined]) {
      expect(ignoredEnvironment("status", { VWT_ENVIRONMENT })).toBeUndefined();
    }
    expect(ignoredEnvironment("retrain", { VWT_ENVIRONMENT: "production" })).toBeUndefined();
  });

  test("a help for another program's command is that program's", () => {
    expect(wantsUsage("cdktf", ["deploy", "--help"])).toBe(false);
    expect(wantsUsage("retrain", ["m", "--help"])).toBe(true);
  });
});

/** Pages show commands; each must be one that is understood. */
const documents = readdirSync(join(root, "docs")).flatMap((each) => (each.endsWith(".md") ? [`docs/${each}`] : []));
test.each(["README.md", "CONTRIBUTING.md", ...documents])("%s shows commands that are understood", (file) => {
  const shown = readFileSync(join(root, file), "utf8").matchAll(
    /npm (?:run )?(?:--silent )?([a-z0-9:]+) -- ([^`#\n|&;)]+)/g,
  );
  const refused = [...shown].flatMap(([line, name = "", rest = ""]) => {
    // What a shell does with the output is not the command's business.
    const [asked = ""] = rest.split(" > ");
    const words = [...asked.trim().matchAll(/"[^"]*"|'[^']*'|<[^>]+>|\S+/g)];
    try {
      given(
        name as CommandName,
        words.map(([word]) => word.replace(/["']/g, "")),
      );
      return [];
    } catch (error) {
      return [`${line}: ${error}`];
    }
  });
  expect(refused).toEqual([]);
});
