import { IDENTITY_BYTES, SAME_BYTES, SLICES } from "../../lib/records/identities";
import { concurrently } from "../../lib/util/concurrently";

/** The identities that a group has left. */
export interface IdentityFile {
  /** The group's first key, by which groups are ordered. */
  readonly group: string;
  /** Identities in each slice. */
  readonly slices: readonly number[];
}

/** Reads bytes of a group's file, from `start` to before `end`. */
export type ReadIdentities = (group: string, start: number, end: number) => Promise<Buffer>;

/** Compared at a time: these take some 300 MB. */
const MOST_AT_ONCE = 8_000_000;
/** Left out in one run; to leave out more is to remove the objects that were delivered twice. */
const MOST_DUPLICATES = 20_000_000;
/** A file has up to 35 MB, and more when its group was packed. */
const READERS = 8;
const WORDS = IDENTITY_BYTES / 4 + 1;
const SAME_WORDS = SAME_BYTES / 4;
const [MODIFIED, PLACE, GROUP] = [SAME_WORDS, SAME_WORDS + 1, SAME_WORDS + 2];

/**
 * Finds the records that count for nothing because the same player's of the same instant came again: by group, pairs of
 * place and check, in the order of places. Of several the one counts whose object was written last, of those the one of
 * the last key, of those the last; whatever the order of `files` and of what is read. Memory is bounded by
 * `mostAtOnce`, as far as a slice allows, and `mostDuplicates`. Throws when there are more of these.
 */
export async function findDuplicates(
  files: readonly IdentityFile[],
  read: ReadIdentities,
  { mostAtOnce = MOST_AT_ONCE, mostDuplicates = MOST_DUPLICATES } = {},
): Promise<ReadonlyMap<string, Buffer>> {
  const ordered = [...files].sort((one, other) => (one.group < other.group ? -1 : 1));
  const lost = ordered.map((): number[] => []);
  let count = 0;
  const lose = (group: number, place: number, check: number) => {
    count += 1;
    if (count > mostDuplicates) {
      throw new Error(
        `more than ${mostDuplicates} records came more than once, some of them in ${ordered[group]?.group} and the ` +
          "objects after it; remove the objects that were delivered twice",
      );
    }
    lost[group]?.push(place, check);
  };
  for (const { from, to, rows } of passes(ordered, mostAtOnce)) {
    const table = new IdentityTable(rows, lose);
    const indexes = ordered.map((_, index) => index);
    await concurrently(indexes, READERS, async (index) => {
      const { group, slices } = ordered[index] as IdentityFile;
      const [start, end] = [sum(slices.slice(0, from)), sum(slices.slice(0, to))];
      if (end > start) table.add(await read(group, start * IDENTITY_BYTES, end * IDENTITY_BYTES), index);
    });
  }
  return new Map(
    ordered.flatMap(({ group }, index) => {
      const pairs = lost[index] as number[];
      return pairs.length === 0 ? [] : [[group, packed(pairs)] as const];
    }),
  );
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** Ranges of slices that together have at most so many identities, but for a slice alone that has more. */
function passes(files: readonly IdentityFile[], most: number) {
  const found: { from: number; to: number; rows: number }[] = [];
  for (let slice = 0; slice < SLICES; slice += 1) {
    const rows = sum(files.map(({ slices }) => slices[slice] ?? 0));
    const last = found.at(-1);
    if (last && last.rows + rows <= most) {
      last.rows += rows;
      last.to = slice + 1;
    } else found.push({ from: slice, to: slice + 1, rows });
  }
  return found;
}

function packed(pairs: readonly number[]): Buffer {
  const places = Array.from({ length: pairs.length / 2 }, (_, index) => 2 * index);
  places.sort((one, other) => (pairs[one] as number) - (pairs[other] as number));
  const bytes = Buffer.allocUnsafe(pairs.length * 4);
  for (const [index, at] of places.entries()) {
    bytes.writeUInt32BE(pairs[at] as number, index * 8);
    bytes.writeUInt32BE(pairs[at + 1] as number, index * 8 + 4);
  }
  return bytes;
}

/** A hash table with open addressing over plain numbers: ten million objects would take a gigabyte. */
class IdentityTable {
  private readonly words: Uint32Array;
  /** One more than the index of an entry, 0 when free. */
  private readonly slots: Uint32Array;
  private readonly mask: number;
  private used = 0;

  constructor(
    rows: number,
    private readonly lose: (group: number, place: number, check: number) => void,
  ) {
    this.words = new Uint32Array(rows * WORDS);
    const size = 2 ** Math.ceil(Math.log2(Math.max(2, 2 * rows)));
    this.slots = new Uint32Array(size);
    this.mask = size - 1;
  }

  add(bytes: Buffer, group: number): void {
    const { words } = this;
    for (let offset = 0; offset < bytes.length; offset += IDENTITY_BYTES) {
      const next = this.used * WORDS;
      for (let word = 0; word < WORDS - 1; word += 1) words[next + word] = bytes.readUInt32BE(offset + 4 * word);
      words[next + GROUP] = group;
      // The hash's first bits are those of the slice, and instants of one player differ in the last word.
      let slot = ((words[next + 1] as number) ^ Math.imul(words[next + 3] as number, 0x9e3779b1)) & this.mask;
      while (this.slots[slot] !== 0 && !this.isSame(this.entry(slot), next)) slot = (slot + 1) & this.mask;
      if (this.slots[slot] === 0) {
        this.used += 1;
        this.slots[slot] = this.used;
        continue;
      }
      const kept = this.entry(slot);
      const loser = this.isLater(next, kept) ? kept : next;
      this.lose(words[loser + GROUP] as number, words[loser + PLACE] as number, words[loser] as number);
      if (loser === kept) words.copyWithin(kept, next, next + WORDS);
    }
  }

  private entry(slot: number): number {
    return ((this.slots[slot] as number) - 1) * WORDS;
  }

  private isSame(one: number, other: number): boolean {
    for (let word = 0; word < SAME_WORDS; word += 1) {
      if (this.words[one + word] !== this.words[other + word]) return false;
    }
    return true;
  }

  private isLater(one: number, other: number): boolean {
    for (const word of [MODIFIED, GROUP, PLACE]) {
      const difference = (this.words[one + word] as number) - (this.words[other + word] as number);
      if (difference !== 0) return difference > 0;
    }
    return false;
  }
}
