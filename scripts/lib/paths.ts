import { join, resolve } from "node:path";

/** The project's folder: every command runs from there (see scripts/run.mjs). */
export const root = resolve(__dirname, "..", "..");

/** Builds a path in `.local`, where commands leave what git does not see. */
export const local = (...parts: readonly string[]): string => join(root, ".local", ...parts);
