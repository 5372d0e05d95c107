import { join } from "node:path";
import { parseArgs } from "node:util";
import { boundaries, FUZZ_TESTS, fuzzLines } from "../lib/fuzzing";
import { root } from "../lib/paths";
import { run, UserError } from "../lib/process";
import { main, step } from "../lib/progress";

const USAGE = `npm run fuzz -- [--minutes <n>] [--seed <n>] [<boundary> …]

Tries boundaries with arbitrary input for some minutes each, side by side: ${boundaries().join(", ")}.
  --minutes  how long; 10 without it
  --seed     repeats the input of an earlier run, whose seed it printed`;

/** The number of an option, which must be above 0. */
function positive(name: string, text: string): number {
  const number = Number(text);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new UserError(`--${name} must be a number above 0, not "${text}".\n\n${USAGE}`);
}

main(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      minutes: { type: "string", default: "10" },
      seed: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return undefined;
  }
  const unknown = positionals.find((name) => !boundaries().includes(name));
  if (unknown !== undefined) throw new UserError(`There is no boundary "${unknown}".\n\n${USAGE}`);
  const minutes = positive("minutes", values.minutes);
  const seed = values.seed === undefined ? undefined : positive("seed", values.seed);
  const chosen = positionals.length > 0 ? positionals : boundaries();
  const { code, output } = await step(`Fuzz ${chosen.join(", ")} for ${minutes} minutes`, ({ at }) =>
    run(
      join(root, "node_modules", ".bin", "jest"),
      [...chosen.map((name) => join(FUZZ_TESTS, `${name}.test.ts`)), "--selectProjects", "unit"],
      {
        cwd: root,
        env: {
          ...process.env,
          VWT_FUZZ_MINUTES: String(minutes),
          ...(seed !== undefined && { VWT_FUZZ_SEED: String(seed) }),
        },
        onLine: at,
      },
    ),
  );
  console.log(code === 0 ? fuzzLines(output).join("\n") : output);
  return code;
});
