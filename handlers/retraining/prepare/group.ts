import { isObserved, LABEL_SOURCES, type Label } from "../../../catalogue/labelling/outcome-labels";
import { CONTEXT_COLUMNS, OUT_OF_TIME_COLUMNS } from "../../../catalogue/training/subgroups";
import {
  bySplit,
  type GroupCounts,
  groupName,
  OUT_OF_TIME,
  RUN_FILES,
  type RunPath,
  runKey,
  type Unlabelled,
} from "../../../contracts/run-layout";
import { PART_BYTES } from "../../../contracts/training";
import { trainingRow } from "../../lib/records/csv";
import { IdentityCollector, instantOf } from "../../lib/records/identities";
import { OperatorCounter } from "../../lib/records/operators";
import { PartWriter, type Upload } from "../../lib/records/parts";
import { RejectionCollector } from "../../lib/records/rejections";
import { LEFT_OUT, NOT_ASKED, Revisions } from "../../lib/records/revisions";
import { DoubtfulLines } from "./doubtful";
import type { KnownLine, LabelledLine, Line } from "./line";
import { PARTIAL_WEIGHT } from "./omissions";

/** Whoever mends records needs no more, and what is no record may have any number of lines. */
const MOST_REJECTED = 10_000;

export interface GroupOptions {
  /** Keeps rows without a label for those who may label them. */
  readonly keepUnlabelled?: boolean;
  /** Counts labels of objects that were written since, in seconds since 1970, as new. */
  readonly newSince?: number;
  readonly partBytes?: number;
  /** Present when the group is prepared again. */
  readonly revision?: {
    /** The files that `count-labels` wrote about the group's records. */
    readonly files: readonly Buffer[];
    /** From when on records are tested with and not trained on, in milliseconds since 1970. */
    readonly from: number;
  };
}

/** Where a record was found. */
export interface Place {
  readonly key: string;
  /** When the object was written, in seconds since 1970. */
  readonly modified: number;
  readonly line: number;
  /** Number of the record in its object, from 1. */
  readonly record: number;
}

/** A usable line: its place in the group, when its object was written, and what was found of all groups together. */
interface Read {
  readonly place: number;
  readonly modified: number;
  readonly verdict: number | undefined;
}

/** Rows of one folder, and beside each part of them the subgroups of their players. */
interface Tested {
  readonly rows: PartWriter;
  readonly context: PartWriter;
}

/**
 * Writes what comes of a group's records to the run's folders: rows by split, subgroups, rows without a label, rejections,
 * identities and counts. Files are named by the group, so a repeated group overwrites its own.
 */
export class GroupWriter {
  private readonly group: string;
  private readonly keepUnlabelled: boolean;
  private readonly rows: Record<"train" | "validation" | "test", PartWriter>;
  private readonly tests: Readonly<Record<"test" | typeof OUT_OF_TIME, Tested>>;
  private readonly unlabelled: PartWriter;
  private readonly rejected: PartWriter;
  private readonly revisions: Revisions;
  private readonly from: number;
  private readonly rejections = new RejectionCollector();
  private readonly identities = new IdentityCollector();
  private readonly operators = new OperatorCounter();
  private readonly doubtful = new DoubtfulLines<Read>();
  private readonly labelled = bySplit(() => 0);
  private readonly positives = bySplit(() => 0);
  private readonly sources = Object.fromEntries(LABEL_SOURCES.map((source) => [source, 0])) as Record<
    Label["source"],
    number
  >;
  private readonly newSince: number;
  private readonly counts = {
    newlyLabelled: 0,
    unlabelled: 0,
    unused: 0,
    duplicates: 0,
    rejected: 0,
    lines: 0,
    bytes: 0,
    rejectedBytes: 0,
  };

  constructor(
    private readonly runId: string,
    private readonly firstKey: string,
    private readonly upload: Upload,
    { keepUnlabelled = true, newSince = 0, partBytes = PART_BYTES, revision }: GroupOptions,
  ) {
    this.group = groupName(firstKey);
    this.keepUnlabelled = keepUnlabelled;
    this.newSince = newSince;
    this.revisions = new Revisions(revision?.files ?? []);
    this.from = revision?.from ?? Number.POSITIVE_INFINITY;
    const writer = (folder: RunPath, extension: string, header?: readonly string[]) =>
      new PartWriter(
        upload,
        (part) => `${runKey(runId, folder)}/${this.group}-${part}.${extension}`,
        partBytes,
        header?.join(),
      );
    this.rows = bySplit((split) => writer(split, "csv"));
    this.tests = {
      test: { rows: this.rows.test, context: writer("context", "csv", CONTEXT_COLUMNS) },
      [OUT_OF_TIME]: {
        rows: writer(OUT_OF_TIME, "csv"),
        context: writer(RUN_FILES.outOfTimeContext, "csv", OUT_OF_TIME_COLUMNS),
      },
    };
    this.unlabelled = writer("unlabelled", "jsonl");
    this.rejected = writer("rejected", "jsonl");
  }

  /** Takes a record, or what is none; returns why it is rejected, if it is. */
  take(found: Line, bytes: number, { key, modified, line, record }: Place): string | undefined {
    const { counts } = this;
    const place = counts.lines;
    counts.lines += 1;
    counts.bytes += bytes;
    if (found.kind === "rejected") {
      counts.rejected += 1;
      counts.rejectedBytes += bytes;
      const { problems } = found;
      if (this.rejected.rows < MOST_REJECTED) this.rejected.add(JSON.stringify({ key, line, record, problems }));
      return this.rejections.line(key, line, problems);
    }
    const verdict = this.revisions.of(place, found.identity);
    if (verdict === LEFT_OUT) {
      // What it says of its operator counted when the verdicts were found, so it counts again.
      this.doubtful.note(found);
      counts.duplicates += 1;
      this.rejections.duplicate(key);
      return undefined;
    }
    const known = this.doubtful.settle({ line: found, place, modified, verdict });
    if (known) this.keep(known);
    return undefined;
  }

  private keep({ line, place, modified, verdict }: Read & { readonly line: KnownLine }): void {
    this.identities.add(line.identity, modified, place, line.use);
    const isLater = instantOf(line.identity) >= this.from;
    if (line.kind === "unused" && line.lacks) this.rejections.lacking(line.lacks);
    if (line.use === "none" || verdict === NOT_ASKED || (line.use === "to-train-on" && isLater)) {
      this.counts.unused += 1;
      return;
    }
    const weight = 1 / (verdict ?? 1);
    if (line.kind === "row") {
      this.counts.newlyLabelled += Number(modified >= this.newSince);
      this.keepRow(line, weight, isLater);
    } else {
      this.counts.unlabelled += 1;
      this.operators.add(line.operatorId, { unlabelled: 1 });
      if (!this.keepUnlabelled) return;
      const { split, context } = line.unlabelled;
      const later = isLater ? ({ split: OUT_OF_TIME, context: `${context},${split}` } as const) : {};
      this.unlabelled.add(JSON.stringify({ ...line.unlabelled, weight, ...later } satisfies Unlabelled));
    }
  }

  private keepRow(line: LabelledLine, weight: number, isLater: boolean): void {
    const { identity, operatorId, label, lesson, split, row, partial, context } = line;
    const { source, value } = label;
    const observed = Number(isObserved(source));
    const positive = Number(value > 0);
    const players = this.operators.add(operatorId, {
      labelled: 1,
      positives: positive,
      observed,
      observedPositives: observed * positive,
    });
    if (observed) players.mark(identity);
    this.sources[source] += 1;
    const rowOf = (share: number, features: string) =>
      trainingRow(lesson.answer, share * weight * lesson.weight, features);
    if (isLater) {
      this.tests[OUT_OF_TIME].rows.add(rowOf(1, row));
      this.tests[OUT_OF_TIME].context.add(`${context},${split}`);
      return;
    }
    this.positives[split] += positive;
    this.labelled[split] += 1;
    this.rows[split].add(rowOf(partial === undefined ? 1 : 1 - PARTIAL_WEIGHT, row));
    if (partial !== undefined) this.rows[split].add(rowOf(PARTIAL_WEIGHT, partial));
    if (split === "test") this.tests.test.context.add(context);
  }

  /** Notes an object that gives nothing usable. */
  unusable(key: string, problem: string): void {
    this.rejections.object(key, problem);
  }

  /** Uploads the parts that are full, or, at the end, all. */
  async flush(end = false): Promise<void> {
    const { train, validation } = this.rows;
    for (const each of [train, validation, this.unlabelled, this.rejected]) await each.flush(end);
    for (const { rows, context } of Object.values(this.tests)) if (await rows.flush(end)) await context.flush(true);
  }

  /** Uploads the rest, and last the counts. */
  async finish(): Promise<GroupCounts> {
    for (const known of this.doubtful.rest()) this.keep(known);
    await this.flush(true);
    this.revisions.end();
    const { runId, group, positives, sources, counts } = this;
    const all: GroupCounts = {
      rows: this.labelled,
      positives,
      outOfTime: this.tests[OUT_OF_TIME].rows.rows,
      sources,
      operators: this.operators.result(),
      ...counts,
      rejections: this.rejections.result(),
      group: this.firstKey,
      identities: this.identities.counts,
    };
    const identities = this.identities.body();
    if (identities.length > 0) await this.upload(runKey(runId, `identities/${group}.bin`), identities);
    await this.upload(runKey(runId, `counts/${group}.json`), Buffer.from(JSON.stringify(all)));
    return all;
  }
}
