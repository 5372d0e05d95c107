import { isObserved, LABEL_SOURCES, type Label } from "../../../catalogue/labelling/outcome-labels";
import { CONTEXT_COLUMNS } from "../../../catalogue/training/subgroups";
import { bySplit, type GroupCounts, groupName, type RunPath, runKey } from "../../../contracts/run-layout";
import { PART_BYTES } from "../../../contracts/training";
import { trainingRow } from "../../lib/records/csv";
import { checkOf, IdentityCollector } from "../../lib/records/identities";
import { OperatorCounter } from "../../lib/records/operators";
import { RejectionCollector } from "../../lib/records/rejections";
import { DoubtfulLines } from "./doubtful";
import type { KnownLine, Line } from "./line";
import { PartWriter, type Upload } from "./parts";

/** Each row counts once. */
const WEIGHT = 1;
/** Whoever mends records needs no more, and what is no record may have any number of lines. */
const MOST_REJECTED = 10_000;

export interface GroupOptions {
  /** Keeps rows without a label for those who may label them. */
  readonly keepUnlabelled?: boolean;
  readonly partBytes?: number;
  /** Records to leave out, as `findDuplicates` found them of this group. */
  readonly duplicates?: Buffer;
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

/**
 * Writes what comes of a group's records to the run's folders: rows by split, subgroups, rows without a label, rejections,
 * identities and counts. Files are named by the group, so a repeated group overwrites its own.
 */
export class GroupWriter {
  private readonly group: string;
  private readonly keepUnlabelled: boolean;
  private readonly rows: Record<"train" | "validation" | "test", PartWriter>;
  /** Beside each part of the test rows, the subgroups of their players. */
  private readonly context: PartWriter;
  private readonly unlabelled: PartWriter;
  private readonly rejected: PartWriter;
  private readonly leftOut: Duplicates;
  private readonly rejections = new RejectionCollector();
  private readonly identities = new IdentityCollector();
  private readonly operators = new OperatorCounter();
  private readonly doubtful = new DoubtfulLines();
  private readonly positives = bySplit(() => 0);
  private readonly sources = Object.fromEntries(LABEL_SOURCES.map((source) => [source, 0])) as Record<
    Label["source"],
    number
  >;
  private readonly counts = { unlabelled: 0, duplicates: 0, rejected: 0, lines: 0, bytes: 0, rejectedBytes: 0 };

  constructor(
    private readonly runId: string,
    private readonly firstKey: string,
    private readonly upload: Upload,
    { keepUnlabelled = true, partBytes = PART_BYTES, duplicates = Buffer.alloc(0) }: GroupOptions,
  ) {
    this.group = groupName(firstKey);
    this.keepUnlabelled = keepUnlabelled;
    this.leftOut = new Duplicates(duplicates);
    const writer = (folder: RunPath, extension: string, header?: string) =>
      new PartWriter(
        upload,
        (part) => `${runKey(runId, folder)}/${this.group}-${part}.${extension}`,
        partBytes,
        header,
      );
    this.rows = bySplit((split) => writer(split, "csv"));
    this.context = writer("context", "csv", CONTEXT_COLUMNS.join());
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
    if (this.leftOut.has(place, found.identity)) {
      counts.duplicates += 1;
      this.rejections.duplicate(key);
      return undefined;
    }
    this.identities.add(found.identity, modified, place);
    const known = this.doubtful.settle(found);
    if (known) this.keep(known);
    return undefined;
  }

  private keep(found: KnownLine): void {
    if (found.kind === "unlabelled") {
      this.counts.unlabelled += 1;
      this.operators.add(found.operatorId, { unlabelled: 1 });
      if (this.keepUnlabelled) this.unlabelled.add(JSON.stringify(found.unlabelled));
      return;
    }
    const { source, value } = found.label;
    const observed = Number(isObserved(source));
    const positive = Number(value > 0);
    const players = this.operators.add(found.operatorId, {
      labelled: 1,
      positives: positive,
      observed,
      observedPositives: observed * positive,
    });
    if (observed) players.mark(found.identity);
    this.sources[source] += 1;
    this.positives[found.split] += positive;
    // A model's own weight of the record would be multiplied in here.
    this.rows[found.split].add(trainingRow(value, WEIGHT, found.row));
    if (found.split === "test") this.context.add(found.context);
  }

  /** Notes an object that gives nothing usable. */
  unusable(key: string, problem: string): void {
    this.rejections.object(key, problem);
  }

  /** Uploads the parts that are full, or, at the end, all. */
  async flush(end = false): Promise<void> {
    const { train, validation, test } = this.rows;
    for (const each of [train, validation, this.unlabelled, this.rejected]) await each.flush(end);
    if (await test.flush(end)) await this.context.flush(true);
  }

  /** Uploads the rest, and last the counts. */
  async finish(): Promise<GroupCounts> {
    for (const known of this.doubtful.rest()) this.keep(known);
    await this.flush(true);
    this.leftOut.end();
    const { runId, group, positives, sources, counts } = this;
    const all: GroupCounts = {
      rows: bySplit((split) => this.rows[split].rows),
      positives,
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

const CHANGED = "objects were written while a run read them; start it again";

/** The places of a group whose records are left out, as they come. */
class Duplicates {
  private at = 0;

  constructor(private readonly pairs: Buffer) {}

  /** Throws when another record is at the place than was there when duplicates were looked for. */
  has(place: number, identity: Buffer): boolean {
    if (this.at === this.pairs.length || this.pairs.readUInt32BE(this.at) !== place) return false;
    if (this.pairs.readUInt32BE(this.at + 4) !== checkOf(identity)) throw new Error(CHANGED);
    this.at += 8;
    return true;
  }

  end(): void {
    if (this.at !== this.pairs.length) throw new Error(CHANGED);
  }
}
