import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { DescribeExecutionCommand, StopExecutionCommand } from "@aws-sdk/client-sfn";
import type { Target } from "./target";

/** The run that holds a model. */
export interface Holder {
  /** ARN of the execution. */
  readonly execution: string;
  /** Whether it is still under way; one that was stopped leaves its lock behind. */
  readonly running: boolean;
  /** ARN of the model package whose approval it waits for. */
  readonly waitsFor?: string;
}

/** Finds the run that holds a model in the lock table of the main state machine. */
export async function holderOf(
  { dynamodb, states, naming }: Pick<Target, "dynamodb" | "states" | "naming">,
  model: string,
): Promise<Holder | undefined> {
  const { Item } = await dynamodb.send(
    new GetItemCommand({
      TableName: naming.of("table", "runs"),
      Key: { model: { S: model } },
      ConsistentRead: true,
    }),
  );
  const execution = Item?.holder?.S?.split("#")[0];
  if (execution === undefined) return undefined;
  const status = await states.send(new DescribeExecutionCommand({ executionArn: execution })).then(
    ({ status: found }) => found,
    (error: Error) => {
      if (!["ExecutionDoesNotExist", "InvalidArn"].includes(error.name)) throw error;
      return undefined;
    },
  );
  const waitsFor = Item?.modelPackage?.S;
  return { execution, running: status === "RUNNING", ...(waitsFor !== undefined && { waitsFor }) };
}

/** Stops the run that holds a model; the next run of the model takes its lock over. */
export async function stopHolder({ states }: Pick<Target, "states">, { execution }: Holder): Promise<void> {
  await states.send(
    new StopExecutionCommand({ executionArn: execution, error: "Stopped", cause: "An urgent roll-back takes over" }),
  );
}
