import type { RiskThresholds } from "../models";
import { RISK_GROUPS, type RiskGroup } from "../risk/risk";
import { type Bins, binOf, binsOf, MOST_BINS } from "./bins";
import type { BinnedRow } from "./logistic";
import type { PlayerRow } from "./player-rows";

/**
 * What traffic is compared with, and how it is told that they differ or do not: the rows held out in training, and the
 * version's own first traffic.
 */
export const REFERENCES = {
  training: {
    differs: "differs from the data that it was trained on",
    same: "is like the data that it was trained on",
  },
  traffic: {
    differs: "has changed since the version began to serve",
    same: "is as it was when the version began to serve",
  },
} as const;

export type ReferenceName = keyof typeof REFERENCES;
export const REFERENCE_NAMES = Object.keys(REFERENCES) as readonly ReferenceName[];

/** Says how many rows have a score at or above each threshold. */
export interface RiskShares {
  readonly thresholds: RiskThresholds;
  /** Shares of all rows. */
  readonly atOrAbove: RiskThresholds;
}

/** The distributions of a reference's rows; nothing of it is about a single player. */
export interface Reference {
  readonly rows: number;
  /** In the order of the feature vector. */
  readonly features: readonly Bins[];
  readonly score: Bins;
  /** `null` for scores that tell no risk. */
  readonly risk: RiskShares | null;
}

/** A reference may keep so many rows: as many of the traffic tell an AUROC to within 0.02. */
export const SAMPLE = 2_000;

/** The groups above the least, which have a threshold. */
export const AT_RISK = RISK_GROUPS.filter((group): group is Exclude<RiskGroup, "low"> => group !== "low");

/** Makes the reference of some rows, at least one, for a model with these thresholds. */
export function referenceOf(rows: readonly PlayerRow[], thresholds: RiskThresholds | undefined): Reference {
  const scores = Float32Array.from(rows, ({ score }) => score);
  const columns = rows[0]?.features.length ?? 0;
  return {
    rows: rows.length,
    features: Array.from({ length: columns }, (_, column) =>
      binsOf(Float32Array.from(rows, ({ features }) => features[column] as number)),
    ),
    score: binsOf(scores),
    risk: thresholds === undefined ? null : { thresholds, atOrAbove: sharesAtOrAbove(rows, thresholds) },
  };
}

/** Computes the shares of rows whose score reaches each threshold. */
export function sharesAtOrAbove(rows: readonly PlayerRow[], thresholds: RiskThresholds): RiskThresholds {
  const share = (group: (typeof AT_RISK)[number]) =>
    rows.reduce((count, { score }) => count + Number(score >= thresholds[group]), 0) / rows.length;
  return { moderate: share("moderate"), high: share("high"), severe: share("severe") };
}

/** Finds the bins of a row's features. */
export const binned = ({ features }: Reference, row: PlayerRow): BinnedRow =>
  Uint8Array.from(features, (bins, column) => binOf(bins, row.features[column] as number));

/** Writes a binned row as text, a digit a feature. */
export const writeBinned = (row: BinnedRow): string => Array.from(row, (bin) => bin.toString(MOST_BINS)).join("");

/** Reads a binned row; what is no digit becomes 0. */
export const readBinned = (text: string): BinnedRow =>
  Uint8Array.from(text, (digit) => Number.parseInt(digit, MOST_BINS));
