import type { Group } from "../../../contracts/run-layout";
import type { StoredObject } from "../aws/objects";

/** Names of objects that are read; what is in them, gzip for example, their bytes tell. */
const READ = /\.jsonl(\.gz)?$/;

export interface Selection {
  readonly objects: readonly StoredObject[];
  /** The objects that are not read, in words; empty when there are none. */
  readonly ignored: string;
}

/** Kinds of ignored objects that are told one by one. */
const KINDS = 5;

/** Selects the objects to train on, and tells what is ignored. "Folders" that the S3 console makes are no objects. */
export function selectObjects(listed: Iterable<StoredObject>): Selection {
  const objects: StoredObject[] = [];
  const ignored = new Map<string, { count: number; first: string }>();
  const ignore = (kind: string, first: string) => {
    const known = ignored.has(kind) || ignored.size < KINDS ? kind : "of other kinds";
    const { count } = ignored.get(known) ?? { count: 0 };
    ignored.set(known, { count: count + 1, first: ignored.get(known)?.first ?? first });
  };
  for (const object of listed) {
    const { key, size } = object;
    if (size === 0) {
      if (!key.endsWith("/")) ignore("empty", key);
    } else if (READ.test(key)) objects.push(object);
    else ignore(/\.[^./]{1,10}$/.exec(key)?.[0] ?? "without an ending", key);
  }
  const kinds = [...ignored].map(([kind, { count, first }]) => `${count} ${kind} (${first}${count > 1 ? ", …" : ""})`);
  return { objects, ignored: kinds.join(", ") };
}

/**
 * Bounds of what one invocation of `prepare` reads: minutes of work, a request for each key, and a text of keys that is
 * half of the 262,144 bytes which Step Functions takes as the input of a state. Its quota for a Map's result is the same,
 * so groups should be few: each adds two bytes.
 */
const GROUP = { bytes: 512 * 1024 * 1024, keys: 1_000, text: 128 * 1024 };

/** The most that a key takes in JSON with its comma, however the characters beyond ASCII are written. */
const textLength = (key: string): number => JSON.stringify(key).replace(/[^ -~]/g, "\\u0000").length + 1;

/** Groups objects in the order of their keys: small ones together, a large one alone. Each is in exactly one group. */
export function groupObjects(objects: readonly StoredObject[], bounds: Partial<typeof GROUP> = {}): Group[] {
  const most = { ...GROUP, ...bounds };
  const groups: { keys: [string, ...string[]]; modified: number[]; bytes: number }[] = [];
  let text = 0;
  for (const { key, size, modifiedAt } of objects) {
    const last = groups.at(-1);
    const modified = Math.floor(Date.parse(modifiedAt) / 1000);
    const length = textLength(key) + String(modified).length + 1;
    const fits = last && last.bytes + size <= most.bytes && last.keys.length < most.keys && text + length <= most.text;
    if (fits) {
      last.keys.push(key);
      last.modified.push(modified);
      last.bytes += size;
      text += length;
    } else {
      groups.push({ keys: [key], modified: [modified], bytes: size });
      text = length;
    }
  }
  return groups;
}

/** How many times larger records become when they are unpacked: between 6.6 and 9.0 for those of our generators. */
const UNPACKED = 8;

/** Estimates the bytes of JSON that the objects hold, by what their names say. */
export const unpackedBytes = (objects: readonly StoredObject[]): number =>
  objects.reduce((sum, { key, size }) => sum + size * (key.endsWith(".gz") ? UNPACKED : 1), 0);
