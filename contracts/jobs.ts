import { RUN_FILES, type RunPath, SPLITS } from "./run-layout";

/** Folder of a SageMaker processing job's inputs and outputs, and of our programs in it. */
export const PROCESSING = "/opt/ml/processing";

const [, validation, test] = SPLITS;

export interface Job {
  readonly program: string;
  /** Folders that the program reads, by what is in them. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Folders that the program writes, below `output/` or `output` itself, and the folder of the run that gets each. */
  readonly outputs: Readonly<Record<string, { readonly folder: string; readonly to: RunPath }>>;
  /** Files in those folders that others read by name. */
  readonly files: Readonly<Record<string, string>>;
}

const nameOf = (path: RunPath): string => path.slice(path.lastIndexOf("/") + 1);

/** Programs of the run's processing jobs: what each reads and writes, by which the state machine connects it to the run. */
export const JOBS = {
  evaluate: {
    program: "evaluate.py",
    inputs: { test, validation, context: "context", records: "records", candidate: "candidate", champion: "champion" },
    outputs: { evaluation: { folder: "output", to: "evaluation" } },
    files: {
      summary: nameOf(RUN_FILES.summary),
      evaluation: nameOf(RUN_FILES.evaluation),
      reference: nameOf(RUN_FILES.reference),
      report: nameOf(RUN_FILES.evaluationReport),
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
  },
} as const satisfies Readonly<Record<string, Job>>;

export type JobName = keyof typeof JOBS;

/** A value for each folder that a job reads. */
export type JobInputs<Name extends JobName, Value> = Readonly<Record<keyof (typeof JOBS)[Name]["inputs"], Value>>;

/** Versions of the documents that jobs write and functions read: whoever changes what a document means counts it up. */
export const SCHEMA_VERSIONS = { evaluation: 1, reference: 1, automaticLabels: 1 } as const;
