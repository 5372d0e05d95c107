import { type TimeCut, timeCut } from "../../../catalogue/training/out-of-time";
import { IDENTITY_BYTES, SLICES } from "../../lib/records/identities";
import { concurrently } from "../../lib/util/concurrently";
import { IdentityTable } from "./identity-table";

/** The identities that a group has left. */
export interface IdentityFile {
  /** The group's first key, by which groups are ordered. */
  readonly group: string;
  /** Identities in each slice. */
  readonly slices: readonly number[];
}

/** Reads bytes of a group's file, from `start` to before `end`. */
export type ReadIdentities = (group: string, start: number, end: number) => Promise<Buffer>;

/** Writes entries about a group's records, one of several files of them. */
export type WriteRevisions = (group: string, part: number, entries: Buffer) => Promise<void>;

export interface Revision {
  /** Groups that are to be prepared again. */
  readonly groups: ReadonlySet<string>;
  readonly cut: TimeCut;
}

/** Compared at a time: these take some 400 MB. */
const MOST_AT_ONCE = 8_000_000;
/**
 * Requests side by side. Each look reads a range of every file, 200 MB in all: with 20,000 groups it waits for S3 most of
 * its time, and a run of terabytes has dozens of looks within Lambda's quarter of an hour.
 */
const SIDE_BY_SIDE = 50;

/**
 * Finds what becomes of records that only all groups together tell: those that count for nothing because the same
 * player's of the same instant came again, those of the latest time, and how much each of several records of a player
 * counts. Whatever the order of `files` and of what is read. Memory is bounded by `mostAtOnce`, as far as a slice allows.
 * Two looks are needed, because the first one finds where the latest time begins; what was compared last then is
 * compared first, so that where everything fits it is read once.
 */
export async function revise(
  files: readonly IdentityFile[],
  read: ReadIdentities,
  write: WriteRevisions,
  { mostAtOnce = MOST_AT_ONCE } = {},
): Promise<Revision> {
  const ordered = [...files].sort((one, other) => (one.group < other.group ? -1 : 1));
  const load = async ({ from, to, rows }: Pass): Promise<IdentityTable> => {
    const table = new IdentityTable(rows);
    const indexes = ordered.map((_, index) => index);
    await concurrently(indexes, SIDE_BY_SIDE, async (index) => {
      const { group, slices } = ordered[index] as IdentityFile;
      const [start, end] = [sum(slices.slice(0, from)), sum(slices.slice(0, to))];
      if (end > start) table.add(await read(group, start * IDENTITY_BYTES, end * IDENTITY_BYTES), index);
    });
    return table;
  };
  const passes = passesOf(ordered, mostAtOnce);
  const days = new Map<number, number>();
  let last: IdentityTable | undefined;
  for (const pass of passes) {
    last = undefined;
    last = await load(pass);
    last.countDays(days);
  }
  const cut = timeCut(days);
  const from = cut.from ?? Number.POSITIVE_INFINITY;
  const groups = new Set<string>();
  for (const [part, pass] of [...passes.entries()].reverse()) {
    const table: IdentityTable = last ?? (await load(pass));
    last = undefined;
    const found: [group: string, entries: Buffer][] = [];
    table.revise(from, (index, entries) => {
      const { group } = ordered[index] as IdentityFile;
      groups.add(group);
      if (entries.length > 0) found.push([group, entries]);
    });
    await concurrently(found, SIDE_BY_SIDE, ([group, entries]) => write(group, part, entries));
  }
  return { groups, cut };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

interface Pass {
  /** The first slice, and the one after the last. */
  readonly from: number;
  readonly to: number;
  readonly rows: number;
}

/** Ranges of slices that together have at most so many identities, but for a slice alone that has more. */
function passesOf(files: readonly IdentityFile[], most: number): readonly Pass[] {
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
