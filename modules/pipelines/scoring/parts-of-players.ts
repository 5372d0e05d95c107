import type { ScoringFunctionName } from "../../../contracts/functions";
import { jsonata, type Machine, type MapState, machineWith } from "../asl";
import { CAUSE, failure } from "../failures";
import { invoke } from "../tasks";
import type { Expression } from "../variables";
import type { ScoringProps } from "./contract";
import { run, type ScoringVariables } from "./variables";

const { datasetSettings, plan } = run;

/** Bounds the characters of a part's cause: all parts' together must fit into a Map's result. */
const LONGEST_CAUSE = 500;

/**
 * Calls a function for a part; one that fails says so in its output, because a Map's own error names no item. Names of
 * states are those of no other in the whole machine.
 */
const workOnPart = ({ label, function: name, output }: PartsWork, functionArn: string): Machine => {
  const [work, failed] = [`${label}: ${name}`, `${label}: failed`];
  return machineWith<object>()(work, {
    [work]: {
      ...invoke(functionArn, "{% $states.input %}", { Output: output, End: true }),
      Catch: [
        {
          ErrorEquals: ["States.ALL"],
          Assign: { failure: { part: "{% $states.input.part %}", cause: CAUSE } },
          Next: failed,
        },
      ],
    },
    [failed]: {
      Type: "Pass",
      Output: {
        failed: { part: "{% $failure.part %}", cause: `{% $substring($failure.cause, 0, ${LONGEST_CAUSE}) %}` },
      },
      End: true,
    },
  });
};

interface PartsWork {
  readonly label: string;
  readonly function: ScoringFunctionName;
  /** JSONata for the fields of the function's input, beside the part. */
  readonly payload: Readonly<Record<string, Expression>>;
  /** What becomes of the function's answer. */
  readonly output: string;
}

/** Makes the Map that calls a function for every part of the players. */
export const everyPart = ({ functions, concurrency }: ScoringProps, work: PartsWork) =>
  ({
    Type: "Map",
    Label: work.label,
    ItemReader: {
      Resource: "arn:aws:states:::s3:getObject",
      ReaderConfig: { InputType: "JSON" },
      Arguments: { Bucket: jsonata(datasetSettings.bucket), Key: jsonata(plan.partsKey) },
    },
    ItemSelector: {
      ...Object.fromEntries(Object.entries(work.payload).map(([field, value]) => [field, jsonata(value)])),
      part: "{% $states.context.Map.Item.Value.part %}",
    },
    MaxConcurrency: concurrency,
    ItemProcessor: {
      ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
      ...workOnPart(work, functions[work.function]),
    },
  }) as const satisfies Omit<MapState<never, never>, "Next" | "End">;

/** Goes on to `next` unless a part failed; the run fails then, with the names of the parts. */
export const unlessFailed = <const To extends string>(
  name: string,
  parts: (typeof run)[keyof Pick<ScoringVariables, "picked" | "published">],
  next: To,
) =>
  ({
    Type: "Choice",
    Choices: [
      {
        Condition: jsonata(`$exists(${parts}.failed)`),
        ...failure(
          name,
          "PartFailed",
          jsonata(`$substring($join(${parts}.failed.('part ' & part & ': ' & cause), '; '), 0, 2000)`),
        ),
      },
    ],
    Default: next,
  }) as const;
