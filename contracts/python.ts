import { XGBOOST_VERSION, xgboost } from "../catalogue/algorithms/xgboost";
import { AUTOMATIC_LABELS } from "../catalogue/labelling/modes";
import { GATE_METRICS } from "../catalogue/training/gate";
import { LAST_AGES, PLAYER_COLUMN } from "../catalogue/training/subgroups";
import { DOCUMENTS, JOBS, type Job, SCHEMA_VERSIONS } from "./jobs";
import { OUT_OF_TIME, SPLITS, type Unlabelled } from "./run-layout";
import { MISSING, PART_BYTES } from "./training";

/** Fields of a line of `unlabelled/` that the labelling program reads; it passes the line on as it is. */
const UNLABELLED = { row: "row", split: "split", weight: "weight" } as const satisfies Partial<{
  [F in keyof Unlabelled]: F;
}>;

/** Leaves out where the outputs of a program go, which only the state machine knows. */
const known = ({ outputs, ...job }: Job) => ({
  ...job,
  outputs: Object.fromEntries(Object.entries(outputs).map(([name, { folder }]) => [name, folder])),
});

/**
 * Everything that TypeScript and Python both know. `npm run docs` writes it to contracts.json in the Python parts'
 * common package, which goes where they go: into the image, beside the jobs, and into the emulator.
 */
export const PYTHON_CONTRACT = {
  splits: SPLITS,
  outOfTime: OUT_OF_TIME,
  unlabelled: UNLABELLED,
  automaticLabels: AUTOMATIC_LABELS,
  missing: MISSING,
  partBytes: PART_BYTES,
  ageBands: LAST_AGES,
  playerColumn: PLAYER_COLUMN,
  booster: xgboost.modelFile,
  builtInImage: { ...xgboost.builtInImage, xgboost: XGBOOST_VERSION },
  maximisedMetrics: xgboost.maximisedMetrics,
  gateMetrics: {
    binary: Object.keys(GATE_METRICS.binary),
    regression: Object.keys(GATE_METRICS.regression),
  },
  jobs: { evaluate: known(JOBS.evaluate), label: known(JOBS.label) },
  documents: DOCUMENTS,
  schemaVersions: SCHEMA_VERSIONS,
} as const;

/** Path of the contract, from the root of the repository. */
export const CONTRACT_FILE = "containers/common/vwt_common/contracts.json";
