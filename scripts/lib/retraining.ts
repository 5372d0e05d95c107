import { DescribeExecutionCommand, GetExecutionHistoryCommand, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { GetParametersCommand } from "@aws-sdk/client-ssm";
import { models } from "../../catalogue/models";
import { Naming } from "../../modules/naming";
import { sleep } from "./process";
import { type System, systemOutputs } from "./system";

export interface Execution {
  readonly arn: string;
  readonly status: string;
  readonly output: unknown;
  readonly error?: string;
  readonly cause?: string;
}

export const stateMachineArn = (system: System): string => {
  const arn = systemOutputs(system)["step-functions"]?.["state-machine-arn"];
  if (!arn) throw new Error("The deployment has no main state machine");
  return arn;
};

/** Runs the main state machine once for these models, and waits for its end, however it ends. */
export async function retrain(
  system: System,
  names: readonly string[],
  at: (what: string) => void = () => {},
): Promise<Execution> {
  const { executionArn } = await system.states.send(
    new StartExecutionCommand({ stateMachineArn: stateMachineArn(system), input: JSON.stringify({ models: names }) }),
  );
  return executionEnd(system, executionArn as string, at);
}

export async function executionEnd(
  system: System,
  arn: string,
  at: (what: string) => void = () => {},
): Promise<Execution> {
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
    const path = await executionPath(system, arn);
    at(path.at(-1) ?? "starting");
    await sleep(500);
  }
}

/** The states that an execution entered, in order. */
export async function executionPath(system: System, arn: string): Promise<string[]> {
  const { events = [] } = await system.states.send(
    new GetExecutionHistoryCommand({ executionArn: arn, maxResults: 1000 }),
  );
  return events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []);
}

export interface ServingRecord {
  readonly modelVersion: string;
  readonly featureHash: string;
  readonly endpointConfigName: string;
}

/** What each model's endpoint serves, by model. */
export async function servingRecords({ ssm, config }: System): Promise<Record<string, ServingRecord>> {
  const naming = new Naming(config);
  const names = new Map(models.map(({ name }) => [naming.path("models", name, "serving"), name]));
  const { Parameters = [] } = await ssm.send(new GetParametersCommand({ Names: [...names.keys()] }));
  return Object.fromEntries(
    Parameters.map(({ Name, Value }) => [names.get(Name as string) as string, JSON.parse(Value as string)]),
  );
}
