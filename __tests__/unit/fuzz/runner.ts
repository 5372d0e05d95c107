import { writeSync } from "node:fs";
import fc from "fast-check";

/** Seed of the whole run; `VWT_FUZZ_SEED` repeats one that was printed. */
const SEED = Number(process.env.VWT_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** Time for which each boundary is tried; without it, a test makes as many runs as it says. */
const MINUTES = Number(process.env.VWT_FUZZ_MINUTES ?? 0);
/** fast-check keeps what each run drew until its end, so that long fuzzing goes in rounds. */
const RUNS_PER_ROUND = 10_000;

/**
 * Tries a boundary with arbitrary input, and prints how often and with which seed: a test of `npm test`, and what
 * `npm run fuzz` runs for longer.
 */
export function fuzz<T>(
  boundary: string,
  { runs, input, holds }: { runs: number; input: fc.Arbitrary<T>; holds: (input: T) => void | Promise<void> },
): void {
  test(
    `${boundary}: whatever comes`,
    async () => {
      const until = Date.now() + MINUTES * 60_000;
      let done = 0;
      const counted = async (drawn: T) => {
        await holds(drawn);
        done += 1;
      };
      const limits = () =>
        MINUTES > 0 ? { numRuns: RUNS_PER_ROUND, interruptAfterTimeLimit: until - Date.now() } : { numRuns: runs };
      try {
        let seed = SEED;
        do {
          await fc.assert(fc.asyncProperty(input, counted), { seed, ...limits() });
          seed += 1;
        } while (Date.now() < until);
      } finally {
        // Past Jest, which shows nothing of a test that passes.
        writeSync(2, `fuzz ${boundary}: ${done} runs, VWT_FUZZ_SEED=${SEED}\n`);
      }
      expect(done).toBeGreaterThanOrEqual(MINUTES > 0 ? 1 : runs);
    },
    MINUTES * 60_000 + 600_000,
  );
}
