import { checkOf } from "./identities";

/**
 * What a group's second preparation does otherwise than its first, record by record: `count-labels` writes it, because
 * only all groups together tell, and `prepare` reads it. An entry has 12 bytes: the record's place in the group, its
 * check, and the verdict. A file holds entries in the order of their places; a group may have several files.
 */
export const REVISION_BYTES = 12;

/** Verdicts beside `n`, which says that the record counts 1/n: another record of the same player and instant counts; */
export const LEFT_OUT = 2 ** 32 - 1;
/** and the record needs no label, because its player has one. */
export const NOT_ASKED = 2 ** 32 - 2;

const CHANGED = "objects were written while a run read them; start it again";

/** Reads the verdicts of a group's records, in the order of their places. */
export class Revisions {
  private readonly entries: Buffer;
  private at = 0;

  constructor(files: readonly Buffer[]) {
    const all = Buffer.concat(files);
    const starts = Array.from({ length: all.length / REVISION_BYTES }, (_, index) => index * REVISION_BYTES);
    if (files.length > 1) starts.sort((one, other) => all.readUInt32BE(one) - all.readUInt32BE(other));
    this.entries =
      files.length > 1 ? Buffer.concat(starts.map((start) => all.subarray(start, start + REVISION_BYTES))) : all;
  }

  /**
   * Finds the verdict on the record at a place; `undefined` where nothing changes. Throws when another record is there
   * than was.
   */
  of(place: number, identity: Buffer): number | undefined {
    const { entries, at } = this;
    if (at === entries.length || entries.readUInt32BE(at) !== place) return undefined;
    if (entries.readUInt32BE(at + 4) !== checkOf(identity)) throw new Error(CHANGED);
    this.at += REVISION_BYTES;
    return entries.readUInt32BE(at + 8);
  }

  /** Throws when there are verdicts on records that did not come. */
  end(): void {
    if (this.at !== this.entries.length) throw new Error(CHANGED);
  }
}
