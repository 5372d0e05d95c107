import { zipSync } from "fflate";

// Zip stores local time. 1980 is the earliest that it can hold; the constructor takes local terms, so every time zone
// writes the same bytes.
const EPOCH = new Date(1980, 0, 1);

/** Packs a zip archive whose bytes depend on the files' names and contents only. */
export function zip(files: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const sorted = Object.keys(files).sort();
  return zipSync(
    Object.fromEntries(
      // `os: 3` is Unix, where the upper half of the attributes holds the mode: a file that all may read.
      sorted.map((name) => [name, [files[name] as Uint8Array, { mtime: EPOCH, os: 3, attrs: 0o100644 << 16 }]]),
    ),
    // A fiftieth larger than at level 6, in six tenths of the time, of which every synth that bundles has a share.
    { level: 3 },
  );
}
