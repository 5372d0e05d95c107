import { readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "./paths";

/** Folder with the fuzz test of each boundary, `<boundary>.test.ts`. */
export const FUZZ_TESTS = join("__tests__", "unit", "fuzz");

/** Lists the boundaries that are fuzzed. */
export const boundaries = (): string[] =>
  readdirSync(join(root, FUZZ_TESTS)).flatMap((file) => file.match(/^(.*)\.test\.ts$/)?.[1] ?? []);

/** Finds the lines in which fuzz tests say how often each tried its boundary, and with which seed. */
export const fuzzLines = (output: string): string[] => output.match(/^fuzz .+: \d+ runs, .*$/gm) ?? [];
