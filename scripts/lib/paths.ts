import { join, resolve } from "node:path";

/** The project's folder: every command runs from there (see scripts/run.mjs). */
export const root = resolve(__dirname, "..", "..");

/** Everything that commands leave behind, out of git's sight. */
export const local = (...parts: readonly string[]): string => join(root, ".local", ...parts);
