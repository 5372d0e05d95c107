import { createHash } from "node:crypto";
import type { RecordIdentity } from "../../../catalogue/datasets/kit/dataset";
import type { Currency } from "../../../catalogue/datasets/kit/money";
import { type Outcome, outcome as outcomeSchema } from "../../../catalogue/datasets/kit/outcome";
import { outcomeTimes } from "../../../catalogue/datasets/kit/plausible-times";
import type { Problem } from "../../../catalogue/datasets/kit/schema-problems";
import { type Label, type LabelOf, watchedUntil } from "../../../catalogue/labelling/outcome-labels";
import { lessonOf, UNSCALED } from "../../../catalogue/training/scaling";
import { subgroups } from "../../../catalogue/training/subgroups";
import type { AgreedLabels } from "../../../contracts/run-files";
import type { Split, Unlabelled } from "../../../contracts/run-layout";
import { csvRow } from "../../lib/records/csv";
import { identityOf } from "../../lib/records/identities";
import { lineReader, type RejectedLine, rejectedLine } from "../../lib/records/line";
import { limitProblems } from "../../lib/records/records";
import type { ModelReader } from "./model-reader";
import { withOmissions } from "./omissions";

const TWO_TO_THE_32 = 2 ** 32;

const hashOf = (operatorId: string, playerId: string): Buffer =>
  createHash("sha256").update(`${operatorId}\n${playerId}`).digest();

/** 70 % train, 15 % validation, 15 % test, by player: all records of a player are in one split, in every run. */
export const splitOf = (operatorId: string, playerId: string): Split => splitOfHash(hashOf(operatorId, playerId));

function splitOfHash(hash: Buffer): Split {
  const share = hash.readUInt32BE(0) / TWO_TO_THE_32;
  if (share < 0.7) return "train";
  return share < 0.85 ? "validation" : "test";
}

/** Enough of a player's hash that two among millions hardly share it. */
const PLAYER_BYTES = 8;

/** The result of a line: a row to train on, a row for those who may label it, one of both, or a rejection. */
export type Line = UsableLine | RejectedLine;

export type UsableLine = KnownLine | DoubtfulLine;

/** A line of which is known what becomes of it. */
export type KnownLine = LabelledLine | UnlabelledLine | UnusedLine;

interface Found {
  readonly identity: Buffer;
  readonly operatorId: string;
  /** Until when the operator is known to have watched the player, in milliseconds since 1970. */
  readonly watchedUntil?: number | undefined;
}

interface UnlabelledLine extends Found {
  readonly kind: "unlabelled";
  readonly use: "unlabelled";
  readonly unlabelled: Omit<Unlabelled, "weight" | "split"> & { readonly split: Split };
}

interface UnusedLine extends Found {
  readonly kind: "unused";
  readonly use: "none";
  /** What the record lacks of what the model needs, if that is why. */
  readonly lacks?: readonly string[];
}

export interface LabelledLine extends Found {
  readonly kind: "row";
  readonly use: "labelled" | "to-train-on";
  readonly split: Split;
  readonly label: Label;
  /** What the row teaches the model's endpoint. */
  readonly lesson: ReturnType<typeof lessonOf>;
  /** Features as CSV. */
  readonly row: string;
  /** The same without what operators may leave out, where it is trained on too. */
  readonly partial?: string;
  readonly context: string;
}

/** A line that is `ifWatched` if its operator is known to have watched others until `until`, and else `otherwise`. */
interface DoubtfulLine extends Found {
  readonly kind: "doubtful";
  readonly until: number;
  readonly ifWatched: KnownLine;
  readonly otherwise: KnownLine;
}

/** Reads lines for one model: `labelOf` says a record's label, `taskOf` by which name others may label it. */
export function createLineReader<R extends RecordIdentity>(
  reader: ModelReader<R>,
  labelOf: LabelOf,
  taskOf: (record: RecordIdentity) => string,
  /** Labels that people agreed on in earlier runs, by task. */
  agreed: AgreedLabels = new Map(),
  /** Relates labels to what the model's endpoint learns. */
  scaling = UNSCALED,
  now: () => number = Date.now,
) {
  const read = (parsed: object): Line => {
    const { outcome, ...record }: { outcome?: unknown } = parsed;
    const problems = [...reader.check(record), ...checkOutcome(outcome, now())];
    // A record of another dataset is wrong in most of its fields; what is wrong is that it is here.
    const elsewhere = problems.filter(({ pointer }) => pointer === "/dataset");
    if (problems.length > 0) return rejectedLine(...limitProblems(elsewhere.length > 0 ? elsewhere : problems));

    const training = inModelsCurrency(parsed as R & { outcome: Outcome }, reader.currency(record as R));
    const { operatorId, playerId, asOf } = training;
    const hash = hashOf(operatorId, playerId);
    const split = splitOfHash(hash);
    const partial = split === "train" ? withOmissions(record as R, reader.omissions, hash) : (record as R);
    // Writes into the hash, of which all is wanted before.
    const identity = identityOf(hash, asOf);
    const found = { identity, operatorId, watchedUntil: watchedUntil(training) };
    const lacks = reader.lacks(record as R);
    // Nobody is judged without it, so it is not to be learnt, tested with or labelled.
    if (lacks.length > 0) return { kind: "unused", use: "none", lacks, ...found };
    const { vector } = reader.features(record as R);
    const context = [...subgroups(training), hash.toString("hex", 0, PLAYER_BYTES)].join();
    const rowOf = ({ value, source }: Label, use: LabelledLine["use"] = "labelled"): KnownLine => {
      // Of the whole record: a measure that leaves out what is left out here would make a multiple of nothing.
      const lesson = lessonOf(scaling, vector, value);
      const row = csvRow(vector);
      const less = partial === record ? row : csvRow(reader.features(partial).vector);
      const rows = { row, ...(less !== row && { partial: less }) };
      return { kind: "row", use, split, label: { value, source }, lesson, ...rows, context, ...found };
    };
    const withoutOutcome = (): KnownLine => {
      const task = taskOf(training);
      const { label: value, chosen } = agreed.get(task) ?? {};
      if (value !== undefined) {
        const label = { value, source: "labeller" } as const;
        if (chosen === "lot") return rowOf(label);
        return split === "train" ? rowOf(label, "to-train-on") : { kind: "unused", use: "none", ...found };
      }
      const unlabelled = { task, playerId, operatorId, asOf, split, context, row: csvRow(vector) };
      return { kind: "unlabelled", use: "unlabelled", unlabelled, ...found };
    };
    const label = labelOf(training);
    if (label === null) return withoutOutcome();
    const row = rowOf(label);
    const until = label.ifWatchedUntil;
    return until === undefined
      ? row
      : { kind: "doubtful", until, ifWatched: row, otherwise: withoutOutcome(), ...found };
  };
  return lineReader(read);
}

/** A training record whose outcome is in the currency that models are trained in. */
function inModelsCurrency<T extends { readonly outcome: Outcome }>(record: T, { rate }: Currency): T {
  const { stake } = record.outcome;
  return rate === 1 || stake === undefined
    ? record
    : { ...record, outcome: { ...record.outcome, stake: stake * rate } };
}

function checkOutcome(outcome: unknown, now: number): readonly Problem[] {
  if (outcome === undefined) return [{ pointer: "/outcome", message: "is missing" }];
  const wrong = outcomeSchema.check(outcome);
  const found = wrong.length > 0 ? wrong : outcomeTimes(outcome as Outcome, now);
  return found.map(({ pointer, message }) => ({ pointer: `/outcome${pointer}`, message }));
}
