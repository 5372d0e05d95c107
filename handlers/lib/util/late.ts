import type { LambdaContext } from "../http/api-gateway";

/** Enough to upload what is in memory; after it, Lambda would end the run without saying why. */
const RESERVE_MS = 20_000;

/** Makes the check that throws, in these words, when a function has hardly any time left. */
export const refuseLate =
  (context: LambdaContext, wordsOf: (what: string) => string) =>
  (what: string): void => {
    if (context.getRemainingTimeInMillis() < RESERVE_MS) throw new Error(wordsOf(what));
  };
