import { local } from "../lib/paths";

/** The bench's own folder in `.local`, and the name of its own emulator. */
export const BENCH = "bench";

export const benchFolder = (...parts: readonly string[]): string => local(BENCH, ...parts);
