import { DescribeExecutionCommand, GetExecutionHistoryCommand, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { GetParametersCommand } from "@aws-sdk/client-ssm";
import type { RetrainRequest } from "../../contracts/retrain-request";
import { type ModelRun, parseRunResults } from "../../contracts/run-result";
import {
  parseServingRecord,
  SERVING_FIELDS,
  type ServingRecord,
  type ServingValues,
} from "../../contracts/serving-record";
import { endpointParts, Naming } from "../../modules/base/naming";
import { sleep, whileSaying } from "./process";
import type { Target } from "./target";

export interface Execution {
  readonly arn: string;
  readonly status: string;
  readonly output: unknown;
  readonly error?: string;
  readonly cause?: string;
}

/** Clients and settings of an environment that runs need. */
type Runs = Pick<Target, "states" | "config">;

export function stateMachineArn({ config }: Pick<Target, "config">): string {
  return new Naming(config).stateMachineArn("main");
}

/** Runs the main state machine once for these models, and waits for its end, however it ends. */
export async function retrain(
  system: Runs,
  requests: readonly (string | RetrainRequest)[],
  at?: (what: string) => void,
): Promise<Execution> {
  const { executionArn } = await system.states.send(
    new StartExecutionCommand({
      stateMachineArn: stateMachineArn(system),
      input: JSON.stringify({ models: requests }),
    }),
  );
  const [first] = requests;
  const model = typeof first === "string" ? first : first?.model;
  return whileSaying(
    `The run goes on without this command: ${executionArn}\nTo stop it: npm run retrain -- ${model} --stop`,
    () => executionEnd(system, executionArn as string, at),
  );
}

/** Tells whether an execution ended without a failure, of the whole or of a model. */
export const endedWell = ({ status }: Execution): boolean => status === "SUCCEEDED";

export async function executionEnd(system: Runs, arn: string, at?: (what: string) => void): Promise<Execution> {
  for (;;) {
    const { status, output, error, cause } = await system.states.send(
      new DescribeExecutionCommand({ executionArn: arn }),
    );
    if (status !== "RUNNING") {
      return {
        arn,
        status: status as string,
        output: output ? JSON.parse(output) : undefined,
        ...(error && { error }),
        ...(cause && { cause }),
      };
    }
    at?.((await executionPath(system, arn)).at(-1) ?? "starting");
    await sleep(500);
  }
}

/** Lists the states that an execution entered, in order. */
export async function executionPath(system: Runs, arn: string): Promise<string[]> {
  const { events = [] } = await system.states.send(
    new GetExecutionHistoryCommand({ executionArn: arn, maxResults: 1000 }),
  );
  return events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []);
}

/** Reads what an execution that ended says of its models. Throws when it says anything else. */
export const runsOf = ({ output }: Execution): readonly ModelRun[] => parseRunResults(output);

const UNREADABLE = Object.fromEntries(SERVING_FIELDS.map((field) => [field, ""])) as ServingValues;

/** Reads a serving record. One that somebody has spoilt says so; the model's next run writes it anew. */
function servingRecordOf(text: string): ServingRecord {
  try {
    return parseServingRecord(text, ...SERVING_FIELDS);
  } catch {
    return { ...UNREADABLE, modelVersion: "unreadable: the model's next run mends it" };
  }
}

/** Says what still serves after a run that did not succeed. */
export const whatServes = ({ status }: Execution): string =>
  status === "FAILED"
    ? "A model whose run failed is still served by what served before; npm run status says which."
    : "An update of an endpoint that had begun goes on: see npm run status. The next run looks at the endpoint and records what it serves.";

/** Reads each model's serving record. */
export async function servingRecords({
  ssm,
  config,
}: Pick<Target, "ssm" | "config">): Promise<Record<string, ServingRecord>> {
  const naming = new Naming(config);
  const names = new Map(
    Object.entries(config.models).map(([name, { serving }]) => [
      naming.path("models", ...endpointParts(name, serving.mode), "serving"),
      name,
    ]),
  );
  const { Parameters = [] } = await ssm.send(new GetParametersCommand({ Names: [...names.keys()] }));
  return Object.fromEntries(
    Parameters.map(({ Name, Value }) => [names.get(Name as string) as string, servingRecordOf(Value as string)]),
  );
}
