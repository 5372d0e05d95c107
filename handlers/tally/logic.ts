import type { ChosenLabelling, LabelCounts, LabellingMode, LabellingSettings } from "../../catalogue/labelling";
import type { Counts } from "../shared/run";

export interface TallyInput {
  readonly model: string;
  readonly runId: string;
  readonly labelling: LabellingSettings;
  /** What the request asks for instead of what the table would choose. */
  readonly requested?: LabellingMode | null;
}

export interface Tally {
  readonly rows: {
    readonly train: number;
    readonly validation: number;
    readonly test: number;
    readonly positives: Counts["positives"];
    readonly unlabelled: number;
    readonly rejected: number;
    readonly lines: number;
  };
  /** Labelled rows by where their label comes from. */
  readonly sources: Counts["sources"];
  readonly labelling: ChosenLabelling;
}

/** Sums numbers at the same place of objects of the same shape. */
function sum<T extends object>(parts: readonly T[], empty: T): T {
  const entries = Object.entries(empty).map(([key, zero]) => {
    const values = parts.map((part) => part[key as keyof T]);
    return [
      key,
      typeof zero === "number"
        ? (values as number[]).reduce((total, value) => total + value, 0)
        : sum(values as object[], zero as object),
    ];
  });
  return Object.fromEntries(entries) as T;
}

const NOTHING: Counts = {
  rows: { train: 0, validation: 0, test: 0 },
  positives: { train: 0, validation: 0, test: 0 },
  sources: { operator: 0, labeller: 0, "self-exclusion": 0, observation: 0 },
  unlabelled: 0,
  rejected: 0,
  lines: 0,
};

/** Adds up the counts of a run's groups, in any order. */
export const total = (groups: readonly Counts[]): Counts => sum(groups, NOTHING);

export const labelCounts = ({ rows, positives, unlabelled }: Counts): LabelCounts => ({
  labelled: rows.train + rows.validation + rows.test,
  unlabelled,
  heldOut: rows.validation,
  heldOutPositives: positives.validation,
});

/** What the state machine goes by. */
export function tally({ rows, positives, sources, ...counts }: Counts, labelling: ChosenLabelling): Tally {
  return {
    rows: { ...rows, positives, ...counts },
    sources,
    labelling,
  };
}
