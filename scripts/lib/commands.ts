import { parseArgs } from "node:util";
import { LABELLING_MODES } from "../../catalogue/labelling/modes";
import { GROUPS } from "../../contracts/people";
import { UserError } from "./process";

/** An option of a command. One that takes a value is a text; what the text must be is said and checked here. */
export interface Option {
  readonly does: string;
  /** Stands for the value in the usage text. */
  readonly value?: string;
  readonly oneOf?: readonly string[];
  readonly number?: { readonly above: number };
  /** Set where no other option means anything beside it. */
  readonly alone?: true;
}

/** A command: `npm run <name> -- <arguments> <options>`. */
export interface Command {
  readonly does: string;
  /** Names of its arguments. One that may be left out ends with `?`, one that may come again with `…`. */
  readonly takes?: readonly string[];
  readonly options?: Readonly<Record<string, Option>>;
  /** The environment that it works on: that of this machine, that of `VWT_ENVIRONMENT`, or its first argument. */
  readonly on: "local" | "variable" | "argument";
  /** Further lines of the usage text. */
  readonly notes?: readonly string[];
  /** Set where its arguments are for another program, which checks them. */
  readonly passesOn?: true;
}

const MODEL = "model";
const DATASET = "dataset";

/** Every command, in the order in which README.md tells of them. */
export const COMMANDS = {
  start: {
    does: "brings the system up, or reuses the one that runs; a second time Terraform finds nothing to change",
    on: "local",
    notes: [
      "VWT_PORT=<port>              another port than 4566, or than that of the last start",
      "VWT_PROVIDER_MIRROR=<folder> where Terraform's AWS provider is, unless it is in a usual place",
    ],
  },
  status: {
    does: "what runs, which model versions serve, how the last runs of the state machine ended, how deliveries stand",
    on: "local",
  },
  stop: {
    does: "ends the system that runs on this machine; `npm start` brings it back as it was",
    on: "local",
    options: { clean: { does: "also forgets what it held" } },
  },
  test: { does: "all checks and tests", on: "local" },
  check: { does: "types, lint, dead code, unit and synth tests: what needs no system", on: "local" },
  "test:unit": { does: "unit tests, or those whose path matches", on: "local", takes: ["path…?"] },
  "test:synth": {
    does: "tests of the synthesized Terraform, or those whose path matches",
    on: "local",
    takes: ["path…?"],
  },
  "test:python": {
    does: "tests of the emulator and the containers; what follows is pytest's",
    on: "local",
    takes: ["pytest-argument…?"],
    passesOn: true,
  },
  "test:e2e": {
    does: "end-to-end tests, or those whose path matches, on a system that is brought up for them",
    on: "local",
    takes: ["path…?"],
    options: { keep: { does: "uses the system that such a run left behind, and leaves it running" } },
  },
  format: { does: "formats all files", on: "local" },
  fuzz: {
    does: "tries boundaries with arbitrary input, each for some minutes, side by side; all of them without a name",
    on: "local",
    takes: ["boundary…?"],
    options: {
      minutes: { does: "how long; 10 without it", value: "<n>", number: { above: 0 } },
      seed: { does: "repeats the input of an earlier run, whose seed it printed", value: "<n>", number: { above: 0 } },
    },
  },
  bench: {
    does: "measures latency hop by hop, clients at once, synth, bundle sizes, cold starts, throughput",
    on: "local",
    options: {
      only: {
        does: "measures these sections, with commas between; retraining and scoring only by name",
        value: "<sections>",
      },
    },
  },
  retrain: {
    does: "runs the main state machine for one model by hand",
    on: "variable",
    takes: [MODEL],
    options: {
      force: { does: "trains also when no record is new" },
      manual: { does: "waits for your approval before it promotes" },
      labelling: { does: "labels in another way, in this run", value: "<mode>", oneOf: LABELLING_MODES },
      stop: { does: "stops the run of the model that is under way, and trains nothing", alone: true },
    },
  },
  approve: {
    does: "approves a candidate that waits for a person, or rejects it",
    on: "variable",
    takes: [MODEL, "version?"],
    options: {
      reject: { does: "rejects it" },
      reason: { does: "says why; it goes on record", value: '"<why>"' },
    },
  },
  rollback: {
    does: "has an earlier version serve; lists the versions when none is named",
    on: "variable",
    takes: [MODEL, "version?"],
    options: {
      urgent: { does: "stops the run of the model that is under way, and takes its place" },
      override: { does: "why a version that nobody approved may serve; it goes on record", value: '"<why>"' },
    },
  },
  labeller: {
    does: "looks after the accounts of the people who label and who review",
    on: "variable",
    takes: ["action", "user-name"],
    options: {
      operator: { does: "for whom somebody works; `add` wants it", value: "<operator id>" },
      group: { does: "labellers unless given", value: "<group>", oneOf: Object.keys(GROUPS) },
    },
    notes: [
      "Actions: add     makes an account, or gives it a new password",
      "         remove  disables it",
      "         delete  deletes it: the name may be added again, for another operator too",
      "         token   signs in with the password in VWT_LABELLER_PASSWORD; with npm run --silent",
    ],
  },
  score: {
    does: "scores the newest record of every player of a dataset, and publishes what it finds",
    on: "variable",
    takes: [DATASET],
  },
  drift: {
    does: "measures how far the traffic is from what the model was trained on",
    on: "variable",
    takes: [MODEL],
    options: {
      hours: { does: "of how many hours; without it those of the configuration", value: "<n>", number: { above: 0 } },
    },
  },
  audit: {
    does: "verifies the audit log of an operator's interventions, or writes it for a regulator",
    on: "variable",
    takes: ["action", "operator"],
    options: {
      format: { does: "form of what export writes; jsonl without it", value: "<format>", oneOf: ["csv", "jsonl"] },
    },
    notes: [
      "Actions: verify  recomputes the chain of hashes, and names the first entry that is not what it was",
      "         export  writes every entry; with npm run --silent",
    ],
  },
  redrive: {
    does: "delivers what lies in the dead-letter queue of an operator's delivery again, or publishes decisions that were given up",
    on: "variable",
    takes: ["operator-or-decisions", "delivery?"],
    options: {
      hours: {
        does: "of decisions, also those of so many hours that are on record, because the bus refused them",
        value: "<n>",
        number: { above: 0 },
      },
    },
  },
  rotate: {
    does: "makes a new secret for an operator's webhook; the one before stays valid until it is ended",
    on: "variable",
    takes: ["operator", "delivery"],
    options: { end: { does: "ends the one before, and makes none" } },
  },
  chain: {
    does: "looks after the contract that operators' decisions are recorded in",
    on: "variable",
    takes: ["action", "operator-or-url?"],
    notes: [
      "Actions: deploy <url>       deploys a contract by a node; its owner's key is in VWT_CHAIN_OWNER_KEY",
      "         allow <operator>   lets the operator's signers write, by the same key",
      "         verify <operator>  compares the contract's records with the operator's audit log",
      "         forget <operator>  destroys the salts of the pseudonyms of the operator's players, for good",
    ],
  },
  evaluate: {
    does: "compares the risk of an operator's players before and after interventions, by level",
    on: "variable",
    takes: ["operator"],
    options: {
      days: { does: "how long after; 28 without it", value: "<n>", number: { above: 0 } },
    },
  },
  doctor: {
    does: "says what in an account would stop a deployment, and what to do about it; changes nothing",
    on: "argument",
    takes: ["environment"],
  },
  bootstrap: {
    does: "prepares a real account: state bucket and key, and what it has once for all environments",
    on: "argument",
    takes: ["environment"],
  },
  cdktf: {
    does: "runs `npx cdktf`, told where a provider mirror of this machine is, and the local system when it is meant",
    on: "variable",
    takes: ["cdktf-command?"],
    passesOn: true,
    notes: [
      "Without a command: cdktf's own help. Commands of cdktf that people need: deploy, diff, destroy, list, output.",
    ],
  },
  docs: { does: "writes the pages, tables and pictures of docs/ that are made from code", on: "local" },
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof COMMANDS;

/** Arguments and options that a command was given. */
export interface Given<Name extends CommandName> {
  readonly arguments: readonly string[];
  readonly options: OptionsOf<(typeof COMMANDS)[Name]>;
}

type OptionsOf<C> = C extends { readonly options: infer O }
  ? { readonly [Key in keyof O]: O[Key] extends { readonly value: string } ? string | undefined : boolean }
  : Readonly<Record<string, never>>;

const commandOf = (name: CommandName): Command => COMMANDS[name];

/** Writes a command as people type it: `npm start`, `npm run retrain`. */
export const typed = (name: CommandName): string =>
  ["start", "stop", "test"].includes(name) ? `npm ${name}` : `npm run ${name}`;

const shown = (argument: string): string => (argument.endsWith("?") ? `[<${argument.slice(0, -1)}>]` : `<${argument}>`);

/** Writes the line that shows how a command is typed. */
function synopsis(name: CommandName): string {
  const { takes = [], options = {}, passesOn } = commandOf(name);
  const flags = Object.entries(options).map(([flag, { value }]) => `[--${flag}${value ? ` ${value}` : ""}]`);
  const all = [...takes.map(shown), ...(passesOn ? ["[…]"] : flags)];
  return [typed(name), ...(all.length > 0 ? ["--", ...all] : [])].join(" ");
}

/** Writes the usage text of a command. */
export function usage(name: CommandName): string {
  const { does, options = {}, on, notes = [] } = commandOf(name);
  const flags = Object.entries(options).map(([flag, { value, does: what, oneOf }]) => [
    `--${flag}${value ? ` ${value}` : ""}`,
    `${what}${oneOf ? `: ${oneOf.join(", ")}` : ""}`,
  ]);
  const width = Math.max(0, ...flags.map(([flag = ""]) => flag.length));
  const lines = [
    ...flags.map(([flag = "", what]) => `  ${flag.padEnd(width)}  ${what}`),
    ...notes.map((note) => `  ${note}`),
  ];
  return [
    synopsis(name),
    "",
    `${does[0]?.toUpperCase()}${does.slice(1)}.`,
    ...(lines.length > 0 ? ["", ...lines] : []),
    ...(on === "variable" ? ["", "Works on the local system; for an account, sign in and set VWT_ENVIRONMENT."] : []),
  ].join("\n");
}

/** Tells whether the usage text is asked for. What follows a command of another program is for that program. */
export const wantsUsage = (name: CommandName, args: readonly string[]): boolean =>
  (commandOf(name).passesOn ? args.slice(0, 1) : args).some((each) => each === "--help" || each === "-h");

/** Names the environment that a command works on. */
export function environmentOf(name: CommandName, args: readonly string[], env: NodeJS.ProcessEnv): string {
  const named = { local: "local", variable: env.VWT_ENVIRONMENT || "local", argument: args[0] ?? "" };
  return named[commandOf(name).on];
}

/** Says that a command works on this machine's system although the shell names another environment. */
export function ignoredEnvironment(
  name: CommandName,
  { VWT_ENVIRONMENT: named }: NodeJS.ProcessEnv,
): string | undefined {
  return commandOf(name).on !== "local" || !named || named === "local"
    ? undefined
    : `${typed(name)} works on the system of this machine; VWT_ENVIRONMENT=${named} changes nothing about it.`;
}

/** Reads the arguments and options of a command. Throws a `UserError` that says in one sentence what is wrong. */
export function given<Name extends CommandName>(
  name: Name,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Given<Name> {
  const { takes = [], options = {}, passesOn } = commandOf(name);
  if (passesOn) return { arguments: args, options: {} as Given<Name>["options"] };
  const refuse = (text: string): never => {
    throw new UserError(`${text} How to use it: ${typed(name)} -- --help`);
  };
  // npm takes what looks like an option for its own, unless -- comes before it.
  const kept = Object.keys(options).find(
    (flag) => env[`npm_config_${flag}`] && !args.some((each) => each.startsWith("--")),
  );
  if (kept) refuse(`npm kept --${kept} to itself: put -- before it.`);
  const { values, positionals } = parsed(options, args, refuse);
  const repeats = takes.some((each) => each.includes("…"));
  if (!repeats && positionals.length > takes.length) {
    refuse(`"${positionals[takes.length]}" is one argument too many.`);
  }
  const missing = takes.find((each, place) => !each.endsWith("?") && positionals[place] === undefined);
  // Which models and datasets there are is said by who knows them.
  if (missing !== undefined && missing !== MODEL && missing !== DATASET)
    refuse(`Name the ${missing}: ${synopsis(name)}.`);
  for (const [flag, option] of Object.entries(options)) check(flag, option, values[flag], refuse);
  return { arguments: positionals, options: values as Given<Name>["options"] };
}

type Refuse = (text: string) => never;
type Values = Readonly<Record<string, string | boolean | undefined>>;

/** The arguments by kind; every refusal of Node's parser in our words. */
function parsed(
  options: Readonly<Record<string, Option>>,
  args: readonly string[],
  refuse: Refuse,
): { readonly values: Values; readonly positionals: readonly string[] } {
  const known = Object.fromEntries(
    Object.entries(options).map(([flag, { value }]) => [
      flag,
      value ? { type: "string" as const } : { type: "boolean" as const, default: false },
    ]),
  );
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options: known,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const every = Object.keys(options)
    .map((flag) => `--${flag}`)
    .join(", ");
  const seen = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const { name: flag, rawName, value, inlineValue } = token;
    const option = Object.hasOwn(options, flag) ? options[flag] : undefined;
    if (!option) refuse(`There is no option ${rawName}; it has ${every || "none"}.`);
    if (seen.has(flag)) refuse(`--${flag} is there twice.`);
    seen.add(flag);
    if (!option?.value && inlineValue) refuse(`--${flag} takes no value, not "${value}".`);
    // Without "=", what begins with a dash is the next option.
    if (option?.value && (!value?.trim() || (!inlineValue && value.startsWith("-")))) {
      refuse(`--${flag} wants a value: --${flag} ${option.value}.`);
    }
  }
  const alone = [...seen].find((flag) => options[flag]?.alone && seen.size > 1);
  if (alone) refuse(`--${alone} means something by itself alone; leave the other options out.`);
  return { values: values as Values, positionals };
}

function check(flag: string, { oneOf, number }: Option, value: string | boolean | undefined, refuse: Refuse): void {
  if (typeof value !== "string") return;
  if (oneOf && !oneOf.includes(value)) refuse(`--${flag} must be one of ${oneOf.join(", ")}, not "${value}".`);
  if (number && !(Number(value) > number.above && Number.isFinite(Number(value)))) {
    refuse(`--${flag} must be a number above ${number.above}, not "${value}".`);
  }
}
