import type { Bins } from "../catalogue/drift/bins";
import type { Reference, RiskShares } from "../catalogue/drift/reference";
import type { Evaluation } from "../catalogue/training/gate";
import { OUT_OF_TIME, RUN_FILES, type RunPath, SPLITS } from "./run-layout";

/** Folder of a SageMaker processing job's inputs and outputs, and of our programs in it. */
export const PROCESSING = "/opt/ml/processing";

const [, validation, test] = SPLITS;

export interface Job {
  readonly program: string;
  /** Folders that the program reads, by what is in them. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Folders that the program writes, and the folder of the run that gets each. */
  readonly outputs: Readonly<Record<string, { readonly folder: string; readonly to: RunPath }>>;
  /** Files in those folders that others read by name. */
  readonly files: Readonly<Record<string, string>>;
  /** Options of the program's command line, by what they tell. */
  readonly options: Readonly<Record<string, `--${string}`>>;
}

const nameOf = (path: RunPath): string => path.slice(path.lastIndexOf("/") + 1);

/** Programs of the run's processing jobs: what each reads and writes, by which the state machine connects it to the run. */
export const JOBS = {
  evaluate: {
    program: "evaluate.py",
    inputs: {
      test,
      validation,
      context: "context",
      outOfTime: OUT_OF_TIME,
      records: "records",
      candidate: "candidate",
      champion: "champion",
    },
    outputs: {
      evaluation: { folder: "output", to: "evaluation" },
      // About single players, so it lies where files expire.
      reference: { folder: "reference", to: "reference" },
    },
    files: {
      summary: nameOf(RUN_FILES.summary),
      cut: nameOf(RUN_FILES.cut),
      /** Folder beside it, with the subgroups of the rows there. */
      outOfTimeContext: nameOf(RUN_FILES.outOfTimeContext),
      evaluation: nameOf(RUN_FILES.evaluation),
      reference: nameOf(RUN_FILES.reference),
      referenceRows: nameOf(RUN_FILES.referenceRows),
      report: nameOf(RUN_FILES.evaluationReport),
    },
    options: {
      model: "--model",
      task: "--task",
      horizonDays: "--horizon-days",
      alertBudget: "--alert-budget",
      ageFeature: "--age-feature",
      riskThresholds: "--risk-thresholds",
      scaling: "--scaling",
      candidateVersion: "--candidate-version",
      championVersion: "--champion-version",
      layout: "--layout",
      championLayout: "--champion-layout",
    },
  },
  label: {
    program: "label.py",
    inputs: { validation, unlabelled: "unlabelled", model: "model" },
    outputs: {
      train: { folder: "output/train", to: "train" },
      uncertain: { folder: "output/people", to: RUN_FILES.uncertain },
      report: { folder: "output/report", to: "automatic" },
    },
    files: { report: nameOf(RUN_FILES.automaticLabels) },
    options: {
      model: "--model",
      precision: "--precision",
      confidence: "--confidence",
      labels: "--labels",
      maximumPeople: "--maximum-people",
      version: "--version",
    },
  },
} as const satisfies Readonly<Record<string, Job>>;

export type JobName = keyof typeof JOBS;

/** A value for each folder that a job reads. */
export type JobInputs<Name extends JobName, Value> = Readonly<Record<keyof (typeof JOBS)[Name]["inputs"], Value>>;

type JobOptions<Name extends JobName> = (typeof JOBS)[Name]["options"];

/** Builds arguments of a program's command line. */
export const commandLine = <Name extends JobName>(
  name: Name,
  values: Readonly<Partial<Record<keyof JobOptions<Name>, string>>>,
): readonly string[] => {
  const options: Readonly<Record<string, string>> = JOBS[name].options;
  const given: Readonly<Record<string, string | undefined>> = values;
  return Object.entries(options).flatMap(([of, option]) => {
    const value = given[of];
    return value === undefined ? [] : [option, value];
  });
};

/**
 * Fields that functions read of the documents that jobs write. Types here and checks of what a program writes hold
 * both sides to them.
 */
export const DOCUMENTS = {
  evaluation: {
    data: "data",
    candidate: "candidate",
    champion: "champion",
    baselines: "baselines",
    differences: "differences",
  },
  reference: { rows: "rows", features: "features", score: "score", risk: "risk" },
  /** A feature or the score in a reference. */
  distribution: { edges: "edges", shares: "shares", missing: "missing" },
  /** How many rows of a reference are at or above each risk group. */
  riskShares: { thresholds: "thresholds", atOrAbove: "atOrAbove" },
  automaticLabels: { positive: "positive", negative: "negative", notUsed: "notUsed" },
} as const satisfies {
  readonly evaluation: Names<Evaluation>;
  readonly reference: Names<Reference>;
  readonly distribution: Names<Bins>;
  readonly riskShares: Names<RiskShares>;
  readonly automaticLabels: Readonly<Record<string, string>>;
};

/** The names of an object's fields, each by itself. */
type Names<T> = { readonly [Field in keyof T]: Field };

/** Versions of the documents that jobs write and functions read: whoever changes what a document means counts it up. */
export const SCHEMA_VERSIONS = { evaluation: 3, reference: 2, automaticLabels: 1 } as const;
