/** Folder, relative to the root, of what synth keeps for the next one, whatever is deployed from where. */
export const KEPT: string;

/** File, relative to the root, that npm writes at every installation: it stands for the thousands of packages. */
export const INSTALLED: string;

/** Takes size and time of a file, which is cheaper than what is in it. */
export function fingerprint(root: string, path: string): string;

/** Keeps bytes in a file, as a whole or not at all; where nothing can be written, not at all. */
export function keep(file: string, bytes: Uint8Array): void;

/** Reads bytes that were kept; `undefined` when there are none, or something else has written them. */
export function recall(file: string): Buffer | undefined;

interface Compiled {
  readonly source: string;
  /** Runs the module and returns what it exports; `folder` is its `__dirname`. */
  readonly run: (require: (name: string) => unknown, folder: string) => Record<string, unknown>;
}

/**
 * Compiles a CommonJS module that `bundle` makes and that is kept in a file until its key changes, with what V8 has
 * compiled of it when the process ends.
 */
export function compiled(file: string, key: string, bundle: () => string, atEnd?: (work: () => void) => void): Compiled;
