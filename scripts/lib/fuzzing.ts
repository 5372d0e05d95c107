import { readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "./paths";

/** Where each boundary's fuzz test lies, `<boundary>.test.ts`. */
export const FUZZ_TESTS = join("__tests__", "unit", "fuzz");

/** The boundaries that are fuzzed. */
export const boundaries = (): string[] =>
  readdirSync(join(root, FUZZ_TESTS)).flatMap((file) => file.match(/^(.*)\.test\.ts$/)?.[1] ?? []);

/** What the fuzz tests said of themselves: how often each tried its boundary, and with which seed. */
export const fuzzLines = (output: string): string[] => output.match(/^fuzz .+: \d+ runs, .*$/gm) ?? [];
