import { MILLISECONDS_PER_DAY } from "../../../catalogue/datasets/kit/time";
import { IDENTITY_BYTES, placeOf, SAME_BYTES, useOf } from "../../lib/records/identities";
import { LEFT_OUT, NOT_ASKED, REVISION_BYTES } from "../../lib/records/revisions";

const WORDS = IDENTITY_BYTES / 4 + 1;
const SAME_WORDS = SAME_BYTES / 4;
const [MODIFIED, PLACE, GROUP] = [SAME_WORDS, SAME_WORDS + 1, SAME_WORDS + 2];

/** Records of one player on one side of the cut. */
interface Tally {
  labelled: number;
  unlabelled: number;
}

/**
 * Compares identities of all groups: hash tables with open addressing over plain numbers, because ten million objects
 * would take a gigabyte. All records of a player must be in the same table.
 */
export class IdentityTable {
  private readonly words: Uint32Array;
  /** Verdicts of `revisions.ts`; 0 where there is none. */
  private readonly verdicts: Uint32Array;
  /** One more than the number of an entry, 0 when free. */
  private readonly slots: Uint32Array;
  private readonly mask: number;
  private used = 0;

  constructor(rows: number) {
    this.words = new Uint32Array(rows * WORDS);
    this.verdicts = new Uint32Array(rows);
    const size = 2 ** Math.ceil(Math.log2(Math.max(2, 2 * rows)));
    this.slots = new Uint32Array(size);
    this.mask = size - 1;
  }

  /**
   * Takes identities of a group. Of several records of one player and instant the one counts whose object was written
   * last, of those the one of the last group, of those the last.
   */
  add(bytes: Buffer, group: number): void {
    const { words, slots, verdicts } = this;
    for (let offset = 0; offset < bytes.length; offset += IDENTITY_BYTES) {
      const entry = this.used;
      const next = entry * WORDS;
      this.used += 1;
      for (let word = 0; word < WORDS - 1; word += 1) words[next + word] = bytes.readUInt32BE(offset + 4 * word);
      words[next + GROUP] = group;
      // The hash's first bits are those of the slice, and instants of one player differ in the last word.
      let slot = ((words[next + 1] as number) ^ Math.imul(words[next + 3] as number, 0x9e3779b1)) & this.mask;
      while (slots[slot] !== 0 && !this.isSame(this.at(slot), next, SAME_WORDS)) slot = (slot + 1) & this.mask;
      const kept = (slots[slot] as number) - 1;
      if (kept >= 0 && !this.isLater(next, kept * WORDS)) {
        verdicts[entry] = LEFT_OUT;
        continue;
      }
      if (kept >= 0) verdicts[kept] = LEFT_OUT;
      slots[slot] = entry + 1;
    }
  }

  /** Counts the labelled records of each day, by its number since 1970, that count and may be tested with. */
  countDays(days: Map<number, number>): void {
    for (const entry of this.kept()) {
      if (this.use(entry) !== "labelled") continue;
      const day = Math.floor(this.instant(entry) / MILLISECONDS_PER_DAY);
      days.set(day, (days.get(day) ?? 0) + 1);
    }
  }

  /**
   * Finds what becomes of the records, when those from an instant on are apart. Calls `revised` with the number of each
   * group that is to be prepared again, and the entries about its records.
   */
  revise(from: number, revised: (group: number, entries: Buffer) => void): void {
    for (const player of this.players()) this.weigh(player, from);
    const changed = new Map<number, number[]>();
    for (let entry = 0; entry < this.used; entry += 1) {
      const verdict = this.verdicts[entry];
      if (verdict === 0 && this.instant(entry) < from) continue;
      const group = this.words[entry * WORDS + GROUP] as number;
      const entries = changed.get(group) ?? [];
      if (verdict !== 0) entries.push(entry);
      changed.set(group, entries);
    }
    for (const [group, entries] of changed) revised(group, this.packed(entries));
  }

  /** Gives each record of a player the weight by which all of them, on one side of the cut, count once. */
  private weigh(entries: readonly number[], from: number): void {
    if (entries.length === 1) return;
    const sides: readonly [Tally, Tally] = [
      { labelled: 0, unlabelled: 0 },
      { labelled: 0, unlabelled: 0 },
    ];
    const sideOf = (entry: number): Tally => sides[this.instant(entry) < from ? 0 : 1];
    for (const entry of entries) {
      const use = this.use(entry);
      // What is only to train on is nothing from the cut on.
      if (use === "labelled" || (use === "to-train-on" && sideOf(entry) === sides[0])) sideOf(entry).labelled += 1;
      if (use === "unlabelled") sideOf(entry).unlabelled += 1;
    }
    const hasLabel = sides[0].labelled + sides[1].labelled > 0;
    for (const entry of entries) {
      const use = this.use(entry);
      if (use === "none") continue;
      if (use === "unlabelled" && hasLabel) this.verdicts[entry] = NOT_ASKED;
      else {
        const { labelled, unlabelled } = sideOf(entry);
        const among = use === "unlabelled" ? unlabelled : labelled;
        if (among > 1) this.verdicts[entry] = among;
      }
    }
  }

  /** Lists the records of each player, those that count. */
  private *players(): Generator<readonly number[]> {
    const { words, slots } = this;
    slots.fill(0);
    /** One more than the entry before, of the same player. */
    const before = new Uint32Array(this.used);
    for (const entry of this.kept()) {
      let slot = (words[entry * WORDS + 1] as number) & this.mask;
      while (slots[slot] !== 0 && !this.isSamePlayer(this.at(slot), entry * WORDS)) slot = (slot + 1) & this.mask;
      before[entry] = slots[slot] as number;
      slots[slot] = entry + 1;
    }
    for (const last of slots) {
      const entries: number[] = [];
      for (let entry = last; entry !== 0; entry = before[entry - 1] as number) entries.push(entry - 1);
      if (entries.length > 0) yield entries;
    }
  }

  private *kept(): Generator<number> {
    for (let entry = 0; entry < this.used; entry += 1) if (this.verdicts[entry] !== LEFT_OUT) yield entry;
  }

  private packed(entries: number[]): Buffer {
    const place = (entry: number) => placeOf(this.words[entry * WORDS + PLACE] as number);
    entries.sort((one, other) => place(one) - place(other));
    const bytes = Buffer.allocUnsafe(entries.length * REVISION_BYTES);
    for (const [index, entry] of entries.entries()) {
      bytes.writeUInt32BE(place(entry), index * REVISION_BYTES);
      bytes.writeUInt32BE(this.words[entry * WORDS] as number, index * REVISION_BYTES + 4);
      bytes.writeUInt32BE(this.verdicts[entry] as number, index * REVISION_BYTES + 8);
    }
    return bytes;
  }

  private use(entry: number) {
    return useOf(this.words[entry * WORDS + PLACE] as number);
  }

  /** Milliseconds since 1970: two bytes of one word, and the next. */
  private instant(entry: number): number {
    const word = entry * WORDS + SAME_WORDS - 2;
    return ((this.words[word] as number) & 0xffff) * 2 ** 32 + (this.words[word + 1] as number);
  }

  /** First word of the entry in a slot. */
  private at(slot: number): number {
    return ((this.slots[slot] as number) - 1) * WORDS;
  }

  private isSame(one: number, other: number, words: number): boolean {
    for (let word = 0; word < words; word += 1) {
      if (this.words[one + word] !== this.words[other + word]) return false;
    }
    return true;
  }

  /** Compares the ten bytes of the player's hash. */
  private isSamePlayer(one: number, other: number): boolean {
    const half = (at: number) => (this.words[at + 2] as number) >>> 16;
    return this.isSame(one, other, 2) && half(one) === half(other);
  }

  private isLater(one: number, other: number): boolean {
    const difference = (word: number) => (this.words[one + word] as number) - (this.words[other + word] as number);
    const places = (at: number) => placeOf(this.words[at + PLACE] as number);
    return (difference(MODIFIED) || difference(GROUP) || places(one) - places(other)) > 0;
  }
}
