import type { Problem } from "../../../catalogue/datasets/kit/schema-problems";
import type { Lacking, Reason, Rejections, UnusableObject } from "../../../contracts/run-layout";

/** More are told together. */
const MOST_REASONS = 20;
const MOST_OBJECTS = 5;
const OTHER = "something else";

/** Field names that a schema may have; all others may be of a player, and reasons are mailed. */
const HARMLESS = /^[A-Za-z]{1,40}$/;

/** A line's first problem, in a form that lines have in common. */
const reasonOf = ({ pointer, message }: Problem): string =>
  `${pointer.replace(/[^/]+/g, (name) => (HARMLESS.test(name) ? name : "*"))} ${message}`.trim();

/** Collects what is wrong with lines and objects; its memory does not grow with them. */
export class RejectionCollector {
  private readonly reasons = new Map<string, Reason>();
  private readonly objects: UnusableObject[] = [];
  private unusableObjects = 0;
  private readonly repeated = new Map<string, number>();
  private lackingRecords = 0;
  private readonly lacks = new Map<string, number>();

  /** Counts a line by the reason that it returns. */
  line(key: string, line: number, [problem]: readonly Problem[]): string {
    const reason = problem ? reasonOf(problem) : OTHER;
    const counted = this.reasons.has(reason) || this.reasons.size < MOST_REASONS ? reason : OTHER;
    const first = this.reasons.get(counted) ?? { reason: counted, lines: 0, key, line };
    this.reasons.set(counted, { ...first, lines: first.lines + 1 });
    return reason;
  }

  object(key: string, problem: string): void {
    this.unusableObjects += 1;
    if (this.objects.length < MOST_OBJECTS) this.objects.push({ key, problem });
  }

  duplicate(key: string): void {
    const records = this.repeated.get(key);
    if (records !== undefined || this.repeated.size < MOST_OBJECTS) this.repeated.set(key, (records ?? 0) + 1);
  }

  /** Counts a record that lacks something; its names are the dataset's own, and few. */
  lacking(names: readonly string[]): void {
    this.lackingRecords += 1;
    for (const name of names) this.lacks.set(name, (this.lacks.get(name) ?? 0) + 1);
  }

  result(): Rejections {
    const { unusableObjects, objects } = this;
    const repeated = [...this.repeated].map(([key, records]) => ({ key, records }));
    const lacking = { records: this.lackingRecords, of: Object.fromEntries(this.lacks) };
    return mergeRejections([{ reasons: [...this.reasons.values()], unusableObjects, objects, repeated, lacking }]);
  }
}

/** Merges the rejections of groups, whose order does not matter. */
export function mergeRejections(groups: readonly Rejections[]): Rejections {
  const reasons = new Map<string, Reason>();
  for (const each of groups.flatMap((group) => group.reasons)) {
    const other = reasons.get(each.reason);
    const first = other && isBefore(other, each) ? other : each;
    reasons.set(each.reason, { ...first, lines: each.lines + (other?.lines ?? 0) });
  }
  return {
    reasons: [...reasons.values()].sort(byLines).slice(0, MOST_REASONS),
    unusableObjects: groups.reduce((sum, group) => sum + group.unusableObjects, 0),
    objects: firstByKey(groups.flatMap(({ objects }) => objects)),
    repeated: firstByKey(groups.flatMap(({ repeated }) => repeated)),
    lacking: mergeLacking(groups.map(({ lacking }) => lacking)),
  };
}

function mergeLacking(all: readonly Lacking[]): Lacking {
  const of = new Map<string, number>();
  for (const [name, records] of all.flatMap((each) => Object.entries(each.of))) {
    of.set(name, (of.get(name) ?? 0) + records);
  }
  const mostFirst = [...of].sort(([one, less], [other, more]) => more - less || compare(one, other));
  return { records: all.reduce((sum, { records }) => sum + records, 0), of: Object.fromEntries(mostFirst) };
}

const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other));
const firstByKey = <T extends { readonly key: string }>(all: readonly T[]): readonly T[] =>
  [...all].sort((one, other) => compare(one.key, other.key)).slice(0, MOST_OBJECTS);
const isBefore = (one: Reason, other: Reason) => (compare(one.key, other.key) || one.line - other.line) <= 0;
const byLines = (one: Reason, other: Reason) => other.lines - one.lines || compare(one.reason, other.reason);
