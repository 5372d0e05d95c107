import { type CommandName, environmentOf, type Given, given, ignoredEnvironment, usage, wantsUsage } from "./commands";
import { logOf } from "./emulator";
import { SYSTEM } from "./names";
import { endingWith } from "./process";
import { sentenceOf } from "./sentences";

/** Runs a command with what it was given. Its usage text and every error come as sentences, without a stack. */
export function main<Name extends CommandName>(
  name: Name,
  command: (given: Given<Name>) => Promise<number | undefined>,
): void {
  // Who reads no further (`npm run status | head -1`) is no reason to stop.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  const args = process.argv.slice(2);
  if (wantsUsage(name, args)) {
    console.log(usage(name));
    return;
  }
  const passedBy = ignoredEnvironment(name, process.env);
  if (passedBy !== undefined) console.error(passedBy);
  const place = { environment: environmentOf(name, args, process.env), log: logOf(SYSTEM) };
  Promise.resolve()
    .then(() => command(given(name, args, process.env)))
    .then(
      (code) => process.exit(code ?? 0),
      (error: unknown) => {
        // What fails because everything is being ended is no news; who ends it says what people have to know.
        const code = endingWith();
        if (code !== undefined) return process.exit(code);
        console.error(`\n${sentenceOf(error, place)}`);
        if (process.env.VWT_DEBUG) console.error(error);
        return process.exit(1);
      },
    );
}
