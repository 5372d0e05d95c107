import type { Prediction } from "../../contracts/request-path";
import type { Labels, ModelRun } from "../../contracts/run-result";
import { table } from "./table";

interface Answered {
  readonly predictions: readonly Prediction[];
  readonly errors: readonly { readonly pointer: string; readonly message: string }[];
}

function shown({ score, suppressed, missing = [] }: Prediction): string {
  if (suppressed) return `suppressed: ${suppressed.reason}`;
  return score === undefined ? `missing: ${missing.join(", ")}` : score.toFixed(score < 1 ? 3 : 2);
}

/** Writes the answers to a batch as a table, or those of two calls with the same batch side by side. */
export function predictionTable(before: Answered, after?: Answered): string {
  const keyOf = ({ index, model }: Prediction) => `${index} ${model}`;
  const later = after && new Map(after.predictions.map((prediction) => [keyOf(prediction), prediction]));
  return table(
    ["player", "model", ...(later ? ["before", "retrained"] : ["answer"]), "risk group", "reasons"],
    before.predictions.map((first) => {
      const last = later ? later.get(keyOf(first)) : first;
      return [
        first.playerId,
        first.model,
        ...(later ? [shown(first)] : []),
        last ? shown(last) : "no answer",
        last?.riskGroup ?? "",
        (last?.reasons ?? []).slice(0, 3).join(", "),
      ];
    }),
  );
}

/**
 * Lists headline numbers of a run's evaluation by the names that the registry has them under, with all those that default
 * gates look at: who approves a version goes by what it was judged by.
 */
const HEADLINES = [
  ...["auroc.value", "averagePrecision", "alert.recall", "brier", "logLoss"],
  ...["calibration.slope.value", "calibration.intercept.value", "riskGroups.outside"],
  ...["tweedieDeviance.value", "gini.value", "ratioOfSums.value", "mae.value", "topDecileLift.value"],
];

/** The words by which `plan` skips a run because nothing is new, which `--force` alone changes. */
const NOTHING_NEW = /\b0 of them new since /;

/** Tells how to train all the same, when a run was skipped for want of anything new. */
export function forceHint([run]: readonly ModelRun[]): string | undefined {
  return run?.status === "Skipped" && NOTHING_NEW.test(run.reason ?? "")
    ? `npm run retrain -- ${run.model} --force trains on what is there all the same.`
    : undefined;
}

/** Writes what an execution did with each model, and the files of its evaluation pages. */
export function runTable(runs: readonly ModelRun[], reports: Readonly<Record<string, string>>): string {
  const overview = table(
    ["model", "result", "version", "compute", "rows (train, validation, test)"],
    runs.map(({ model, status, modelVersion, compute, rows }) => [
      model,
      status,
      modelVersion,
      compute && `${compute.instanceCount} × ${compute.instanceType}`,
      rows && `${rows.train}, ${rows.validation}, ${rows.test}`,
    ]),
  );
  return [overview, ...runs.map((run) => details(run, reports[run.model]))].join("\n");
}

function details(
  { model, corrected, planned, maximumCostInUsd, records, labels, reason, ...run }: ModelRun,
  report?: string,
): string {
  const { champion, metrics = {}, championMetrics = {} } = run;
  const figures = HEADLINES.filter((name) => metrics[name]).map((name) => [name, metrics[name], championMetrics[name]]);
  return [
    `\n${model}`,
    planned && `planned: ${planned}; training may cost up to ${maximumCostInUsd} dollars`,
    records && `records: ${records}`,
    labels && labelLine(labels),
    ...(figures.length > 0 ? table(["", "candidate", `champion (${champion})`], figures).split("\n") : []),
    reason && `verdict: ${reason}`,
    corrected && `note: ${corrected}`,
    report && `report: ${report}`,
  ]
    .filter((line) => line)
    .join("\n  ");
}

/** Says in one line how labels came about. */
function labelLine({ mode, reason, sources, automatic, people }: Labels): string {
  const counted = Object.entries(sources)
    .filter(([, count]) => count > 0)
    .map(([source, count]) => `${count} by ${source}`);
  const precision = (value: number | null) => (value === null ? "" : ` (precision ${value.toFixed(3)})`);
  const byModel =
    automatic &&
    [automatic.negative, automatic.positive].map(
      ({ labelled, estimatedPrecision }, value) =>
        `the label ${value} to ${labelled} records${precision(estimatedPrecision)}`,
    );
  return [
    `labels: ${counted.join(", ")}; of the other records: ${mode} (${reason})`,
    ...(byModel ? [`a model gave ${byModel.join(" and ")}`] : []),
    ...(people ? [`people were asked about ${people.asked} records, and ${people.open} of these tasks are open`] : []),
  ].join("; ");
}

export type { Answered };
