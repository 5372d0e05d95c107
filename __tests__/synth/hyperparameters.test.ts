import { execFileSync } from "node:child_process";
import { delimiter, join } from "node:path";
import { root } from "../../scripts/lib/paths";
import { pythonEnvironment } from "../../scripts/lib/prerequisites";
import { varied } from "./runs";
import { mainStateMachine } from "./states";
import { synthesize } from "./synthesize";

/** Reads sets of hyperparameters as the built-in image does; prints what it says of each, or nothing. */
const PARSE = `
import json, sys
from vwt_xgboost import hyperparameters, metrics
def said(told):
    try:
        values = hyperparameters.parse(told)
        metrics.chosen(values.get("eval_metric", []), values.get("_tuning_objective_metric"))
    except Exception as error:
        return f"{type(error).__name__}: {error}"
print(json.dumps([said(told) for told in json.load(sys.stdin)]))
`;

type Hyperparameters = Readonly<Record<string, string>>;
interface Range {
  readonly Name: string;
  readonly MinValue: string;
  readonly MaxValue: string;
}

/** Folders of the packages that the image holds side by side. */
const FOLDERS = ["common", "xgboost"].map((folder) => join(root, "containers", folder));

function refusals(python: string, sets: readonly Hyperparameters[]): (string | null)[] {
  const env = { ...process.env, PYTHONPATH: FOLDERS.join(delimiter) };
  return JSON.parse(execFileSync(python, ["-c", PARSE], { env, input: JSON.stringify(sets), encoding: "utf8" }));
}

/** Every set that a model's trainings are sent: alone, for labels, and at both ends of a search. */
function setsOf(environment: Parameters<typeof synthesize>[0]): Hyperparameters[] {
  const { settings } = mainStateMachine(synthesize(environment).stepFunctions);
  return Object.values(settings).flatMap(({ trainingJob, labellingHyperparameters, tuning }) => {
    const { HyperParameters } = trainingJob;
    const alone = [HyperParameters, labellingHyperparameters as Hyperparameters];
    if (!tuning) return alone;
    const { StaticHyperParameters } = tuning.definition as { StaticHyperParameters: Hyperparameters };
    const { ParameterRanges, HyperParameterTuningJobObjective } = tuning.job as {
      ParameterRanges: Readonly<Record<string, readonly Range[]>>;
      HyperParameterTuningJobObjective: { readonly MetricName: string };
    };
    const ranges = Object.values(ParameterRanges).flat();
    const ends = (["MinValue", "MaxValue"] as const).map((end) => ({
      ...StaticHyperParameters,
      ...Object.fromEntries(ranges.map((range) => [range.Name, range[end]])),
      _tuning_objective_metric: HyperParameterTuningJobObjective.MetricName,
    }));
    return [...alone, ...ends];
  });
}

const sent = { production: setsOf("production"), varied: setsOf(varied) };

/** What is said of each set, by one process for all of them: to start it takes longer than to ask. */
let said: readonly (string | null)[];
beforeAll(async () => {
  const sets = [...sent.production, ...sent.varied, { num_round: "1", huber_slope: "1" }];
  said = refusals(await pythonEnvironment(() => {}), sets);
});

test.each([
  ["production", 0],
  ["varied", sent.production.length],
] as const)("the built-in image takes every set that %s sends", (environment, start) => {
  const sets = sent[environment];
  expect(sets.length).toBeGreaterThanOrEqual(6);
  expect(said.slice(start, start + sets.length)).toEqual(sets.map(() => null));
});

test("and says what it does not take", () => {
  expect(said.slice(sent.production.length + sent.varied.length)).toEqual([
    "UserError: Extraneous hyperparameter found: huber_slope",
  ]);
});
