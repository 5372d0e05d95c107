import type { ChosenLabelling, LabelCounts } from "../../../catalogue/labelling/modes";
import { oneSided as findOneSided, type OneSidedAction } from "../../../catalogue/labelling/one-sided";
import { LABEL_SOURCES } from "../../../catalogue/labelling/outcome-labels";
import {
  type Counts,
  type GroupCounts,
  type OperatorRows,
  type Rejections,
  type RunRows,
  SPLITS,
} from "../../../contracts/run-layout";
import { OperatorCounter } from "../../lib/records/operators";
import { PlayerMarks } from "../../lib/records/player-marks";
import { mergeRejections } from "../../lib/records/rejections";

export interface CountedLabels {
  readonly rows: RunRows;
  /** Labelled rows by where their label comes from. */
  readonly sources: Counts["sources"];
  readonly labelling: ChosenLabelling;
  /** Tells in words what became of the records. */
  readonly records: string;
  /** Why they must not be trained on, in words; empty when they may. */
  readonly unusable: string;
  /** Why an operator's labels must not be trained on, in words; empty when all may. */
  readonly oneSided: string;
  /** Key of a manifest of the groups that are to be prepared again; empty when none is. */
  readonly againKey: string;
}

type Numbers<Key extends string> = Readonly<Record<Key, number>>;

const add = (one: number, other: number): number => one + other;

/** Sums the numbers of each field; `keys` are all of them. */
function sumOf<Key extends string>(keys: readonly Key[], parts: readonly Numbers<Key>[]): Numbers<Key> {
  return Object.fromEntries(keys.map((key) => [key, parts.map((part) => part[key]).reduce(add, 0)])) as Record<
    Key,
    number
  >;
}

const COUNTED = [
  "newlyLabelled",
  "outOfTime",
  "unlabelled",
  "unused",
  "duplicates",
  "rejected",
  "lines",
  "bytes",
  "rejectedBytes",
] as const;

/** Adds up the counts of a run's groups, in any order. */
export const total = (groups: readonly Counts[]): Counts => ({
  rows: sumOf(
    SPLITS,
    groups.map(({ rows }) => rows),
  ),
  positives: sumOf(
    SPLITS,
    groups.map(({ positives }) => positives),
  ),
  sources: sumOf(
    LABEL_SOURCES,
    groups.map(({ sources }) => sources),
  ),
  operators: operatorsOf(groups),
  ...sumOf(COUNTED, groups),
});

function operatorsOf(groups: readonly Counts[]): Counts["operators"] {
  const counter = new OperatorCounter();
  for (const { operator, players, ...numbers } of groups.flatMap(({ operators }) => operators)) {
    counter.add(operator, numbers).addAll(players);
  }
  return counter.result();
}

export const labelCounts = ({ rows, positives, outOfTime, unlabelled }: Counts): LabelCounts => ({
  labelled: rows.train + rows.validation + rows.test + outOfTime,
  unlabelled,
  heldOut: rows.validation,
  heldOutPositives: positives.validation,
});

/** What a run's records must be like. */
export interface Demands {
  readonly toleratedRejectedShare: number;
  readonly oneSided: OneSidedAction;
}

/** Sums up for the state machine what was counted. */
export function countedLabels(
  { rows, sources, operators, ...counts }: Counts,
  rejections: Rejections,
  labelling: ChosenLabelling,
  { toleratedRejectedShare, oneSided }: Demands,
): Omit<CountedLabels, "againKey"> {
  return {
    rows: { ...rows, ...counts },
    sources,
    labelling,
    records: recordsInWords(counts, rejections),
    unusable: unusableInWords(counts, rejections, toleratedRejectedShare),
    oneSided: oneSided === "fail" ? oneSidedInWords(operators) : "",
  };
}

const OPERATORS_TOLD = 5;

/** Gives the counts of operators with the number of their players, for people and for judging them. */
export const operatorsInNumbers = (operators: readonly OperatorRows[]) =>
  operators.map(({ players, ...rows }) => ({
    ...rows,
    players: Math.min(rows.observed, new PlayerMarks(players).count),
  }));

/** Says which operators' labels cannot be believed, and what to do; empty when all can. */
function oneSidedInWords(operators: readonly OperatorRows[]): string {
  const found = findOneSided(operatorsInNumbers(operators));
  if (found.length === 0) return "";
  const told = found
    .slice(0, OPERATORS_TOLD)
    .map(({ operator, observed, observedPositives }) => `${observedPositives} of ${observed} of ${operator}`);
  return (
    `exclusions among the labels that are what happened: ${told.join(", ")}${found.length > told.length ? ", …" : ""}, ` +
    "which other operators' make all but impossible. Send selfExcludedAt of those who excluded themselves, and " +
    "observedUntil of everybody, as the day to which the operator's data reach, in the same objects; or set " +
    'retraining.oneSided to "report"'
  );
}

/** Merges the rejections of all groups of a run. */
export const allRejections = (groups: readonly Pick<GroupCounts, "rejections">[]): Rejections =>
  mergeRejections(groups.map(({ rejections }) => rejections));

/** A mail and a table have room for so many. */
const REASONS_TOLD = 3;

type Became = Pick<Counts, "lines" | "duplicates" | "rejected" | "bytes" | "rejectedBytes">;

function recordsInWords(became: Became, rejections: Rejections): string {
  const { lines, duplicates, rejected, bytes, rejectedBytes } = became;
  return [
    `${lines} read`,
    rejected === 0
      ? "none rejected"
      : `${rejected} rejected (${percent(rejectedBytes, bytes)} of the bytes): ${reasons(rejections)}`,
    ...(duplicates === 0
      ? []
      : [
          `${duplicates} left out, because a later one is of the same player and instant: ${leftOut(became, rejections)}`,
        ]),
    ...(rejections.lacking.records === 0
      ? []
      : [`${rejections.lacking.records} unused, because they lack what the model needs: ${lacksOf(rejections)}`]),
  ].join(", ");
}

function leftOut({ duplicates }: Became, rejections: Rejections): string {
  const told = rejections.repeated.reduce((sum, { records }) => sum + records, 0);
  const objects = rejections.repeated.map(({ key, records }) => `${records} of ${key}`);
  return [...objects, ...(told < duplicates ? ["…"] : [])].join(", ");
}

const lacksOf = ({ lacking }: Rejections): string =>
  Object.entries(lacking.of)
    .map(([what, records]) => `${records} × ${what}`)
    .join(", ");

const reasons = (rejections: Rejections): string =>
  rejections.reasons
    .slice(0, REASONS_TOLD)
    .map(({ reason, lines, key, line }) => `${lines} × "${reason}" (first in ${key}, line ${line})`)
    .join(", ") + (rejections.reasons.length > REASONS_TOLD ? ", …" : "");

const percent = (part: number, whole: number): string => `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`;

function unusableInWords(
  { lines, duplicates, rejected, bytes, rejectedBytes }: Became,
  rejections: Rejections,
  tolerated: number,
): string {
  const { objects, unusableObjects, lacking } = rejections;
  const reasonsWhy = [
    ...(rejected > tolerated * lines || rejectedBytes > tolerated * bytes
      ? [
          `${rejected} of ${lines} records cannot be used, ${percent(rejectedBytes, bytes)} of the bytes, more than ` +
            `the tolerated share of ${tolerated}: ${reasons(rejections)}`,
        ]
      : []),
    ...(unusableObjects > 0
      ? [
          `${unusableObjects} of the objects give nothing usable: ` +
            objects.map(({ key, problem }) => `${key} ${problem}`).join("; ") +
            (unusableObjects > objects.length ? "; …" : ""),
        ]
      : []),
    ...(lacking.records > 0 && lacking.records === lines - rejected - duplicates
      ? [
          `each of the ${lacking.records} records that can be read lacks what the model needs to judge anybody: ` +
            `${lacksOf(rejections)}. Report it, or let the model need less in catalogue/models.ts`,
        ]
      : []),
  ];
  return reasonsWhy.join(". ");
}
