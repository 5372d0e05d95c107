import fc from "fast-check";
import { COMMANDS, type CommandName, given, usage, wantsUsage } from "../../../scripts/lib/commands";
import { UserError } from "../../../scripts/lib/process";
import { sentenceOf } from "../../../scripts/lib/sentences";
import { fuzz } from "./runner";

const names = Object.keys(COMMANDS) as CommandName[];
const place = { environment: "local", log: "emulator.log" };

/** Words that some command knows, near misses of them, and noise. */
const words = names.flatMap((name) => usage(name).match(/--[a-z-]+|[a-z-]{4,}/g) ?? []);
const word = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...words) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ...["", " ", "-", "--", "---", "-x", "--=", "--no-force", "--__proto__", "--toString=1", "--help=1", "0", "-1"],
      ...[
        "1e999",
        "NaN",
        "0x10",
        "1_000",
        "١",
        "\u0000",
        "../..",
        "$(id)",
        "a".repeat(5_000),
        "--minutes=",
        "--force=no",
      ],
    ),
  },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom(...words), fc.string()).map(([known, text]) => `${known}=${text}`) },
  { weight: 1, arbitrary: fc.string() },
);

const environment = fc.dictionary(
  fc.oneof(fc.constantFrom("npm_config_force", "npm_config_minutes", "VWT_ENVIRONMENT", "__proto__"), fc.string()),
  fc.oneof(fc.constantFrom("true", "", "local"), fc.string()),
  { maxKeys: 3 },
);

/** Everything that was given, or the error by which it was refused. */
function read(name: CommandName, args: readonly string[], env: NodeJS.ProcessEnv) {
  try {
    return { taken: given(name, args, env) };
  } catch (error) {
    return { error };
  }
}

fuzz("command", {
  runs: 3_000,
  input: fc.tuple(fc.constantFrom(...names), fc.array(word, { maxLength: 5 }), environment),
  holds: ([name, args, env]) => {
    if (wantsUsage(name, args)) {
      expect(usage(name)).toMatch(/^npm /);
      return;
    }
    const { taken, error } = read(name, args, env);
    if (taken === undefined) {
      // A sentence that says how it is done, and no stack.
      expect(error).toBeInstanceOf(UserError);
      const said = sentenceOf(error, place);
      expect(said).toMatch(/ --help$/);
      expect(said).not.toMatch(/\n {4}at /);
      return;
    }
    const { takes = [], options = {}, passesOn } = COMMANDS[name] as (typeof COMMANDS)["fuzz"] & { passesOn?: true };
    if (passesOn) return;
    // Nothing that nobody knows is passed over, and whatever has bounds keeps them.
    expect(Object.keys(taken.options).filter((key) => !Object.hasOwn(options, key))).toEqual([]);
    for (const arg of args) {
      const flag = /^--?([^=-][^=]*)/.exec(arg)?.[1];
      if (flag !== undefined && args.indexOf("--") === -1) expect(Object.hasOwn(options, flag)).toBe(true);
    }
    const repeats = takes.some((each: string) => each.includes("…"));
    expect(repeats || taken.arguments.length <= takes.length).toBe(true);
  },
});
