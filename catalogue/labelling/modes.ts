import { createHash } from "node:crypto";
import type { RecordIdentity } from "../datasets/kit/dataset";
import { TARGETS, type Target } from "../targets";

/**
 * Providers of labels for records without an outcome label: nobody, the framework's own labelling, or SageMaker Ground
 * Truth.
 */
export const LABELLING_PROVIDERS = ["none", "own", "ground-truth"] as const;

export type LabellingProvider = (typeof LABELLING_PROVIDERS)[number];

/**
 * Labels that a labelling model may give to records for training: none, so that it only chooses what people look at; those
 * of 1; or both. Labels of 0 hide harm, and none of them ranked better in a simulation
 * (containers/jobs/LABELLING.md).
 */
export const AUTOMATIC_LABELS = ["none", "positives", "both"] as const;

/** A model's labelling, as configured. */
export interface LabellingSettings {
  readonly provider: LabellingProvider;
  /** Usable records from which on a labelling model labels; with fewer, people do. */
  readonly minimumForAutomatic: number;
  /** The most tasks that people get in one run. */
  readonly maximumTasks: number;
  /** Votes for one answer that make it the label, and the most that are asked for. */
  readonly votesToAgree: number;
  readonly mostVotes: number;
  readonly deadlineInSeconds: number;
  /** Needed by provider "ground-truth". */
  readonly groundTruth?: {
    readonly workteamArn: string;
    readonly preHumanTaskLambdaArn: string;
    readonly consolidationLambdaArn: string;
  };
}

/** Ways in which a run's missing labels come about. */
export const LABELLING_MODES = ["outcome", "people", "automatic", "ground-truth"] as const;

export type LabellingMode = (typeof LABELLING_MODES)[number];

/** Counts of a run's usable records. */
export interface LabelCounts {
  readonly labelled: number;
  readonly unlabelled: number;
  /**
   * Labelled rows of the validation split, on which a labelling model's precision is estimated, and those with label 1.
   */
  readonly heldOut: number;
  readonly heldOutPositives: number;
}

export interface ChosenLabelling {
  readonly mode: LabellingMode;
  readonly reason: string;
}

/**
 * The fewest rows of a class that show anything: without any error, 30 rows show a precision of 0.905 at 95 %
 * confidence.
 */
const LEAST_OF_EACH_CLASS = 30;

type Facts = LabelCounts & { readonly target: Target; readonly settings: LabellingSettings };

const records = ({ labelled, unlabelled }: Facts) => labelled + unlabelled;
const rarer = ({ heldOut, heldOutPositives }: Facts) => Math.min(heldOutPositives, heldOut - heldOutPositives);

/** Decides on a run's labelling by its facts: the first line that applies counts. */
const TABLE: readonly {
  readonly mode: LabellingMode;
  readonly when: (facts: Facts) => boolean;
  readonly reason: (facts: Facts) => string;
}[] = [
  {
    mode: "outcome",
    when: ({ unlabelled }) => unlabelled === 0,
    reason: () => "every usable record has a label",
  },
  {
    mode: "outcome",
    when: ({ target }) => !TARGETS[target].judgedByPeople,
    reason: ({ target }) => `a ${target} is observed, not judged`,
  },
  {
    mode: "outcome",
    when: ({ settings }) => settings.provider === "none",
    reason: () => "labelling is switched off",
  },
  {
    mode: "ground-truth",
    when: ({ settings }) => settings.provider === "ground-truth",
    reason: () => "Ground Truth is configured",
  },
  {
    mode: "people",
    when: (facts) => records(facts) < facts.settings.minimumForAutomatic,
    reason: (facts) => `${records(facts)} records, fewer than ${facts.settings.minimumForAutomatic}`,
  },
  {
    mode: "people",
    when: (facts) => rarer(facts) < LEAST_OF_EACH_CLASS,
    reason: (facts) =>
      `${rarer(facts)} held-out rows of the rarer label, too few to know a labelling model's precision`,
  },
  {
    mode: "automatic",
    when: () => true,
    reason: (facts) => `${records(facts)} records, at least ${facts.settings.minimumForAutomatic}`,
  },
];

/** Chooses how the records without an outcome label get one; a request may ask for another way. Pure. */
export function chooseLabelling(facts: Facts, requested?: LabellingMode): ChosenLabelling {
  const found = TABLE.find(({ when }) => when(facts)) as (typeof TABLE)[number];
  if (requested !== undefined && TARGETS[facts.target].judgedByPeople && facts.unlabelled > 0) {
    return { mode: requested, reason: "asked for by the request" };
  }
  return { mode: found.mode, reason: found.reason(facts) };
}

/**
 * Identifies one record of one model for those who label it: 32 hexadecimal digits, the same in every run, however the
 * record's instant is written.
 */
export function labellingTask(model: string, { operatorId, playerId, asOf }: RecordIdentity): string {
  const instant = new Date(asOf).toISOString().replace(".000Z", "Z");
  return createHash("sha256").update([model, operatorId, playerId, instant].join("\n")).digest("hex").slice(0, 32);
}
