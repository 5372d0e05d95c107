import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { ListModelPackagesCommand, UpdateModelPackageCommand } from "@aws-sdk/client-sagemaker";
import { DescribeExecutionCommand, StopExecutionCommand } from "@aws-sdk/client-sfn";
import { createLabelStore } from "../../handlers/lib/labelling/store";
import type { Target } from "./target";

/** The run that holds a model. */
export interface Holder {
  /** ARN of the execution. */
  readonly execution: string;
  /** False for a run that was stopped and has left its lock behind. */
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

/**
 * Stops a run with all its models, and takes back what it asked of people: candidates that wait for approval, and tasks
 * of labellers that a run was to wait for, whose answers serve the next one. The next run of a model takes its lock over.
 * Says what was taken back.
 */
export async function stopRun(
  environment: Pick<Target, "config" | "dynamodb" | "states" | "naming" | "sagemaker">,
  { execution }: Holder,
  cause: string,
): Promise<string[]> {
  const { config, dynamodb, naming, sagemaker, states } = environment;
  const holders = Object.keys(config.models).map(async (model) => ({
    model,
    holds: (await holderOf(environment, model))?.execution === execution,
  }));
  const held = (await Promise.all(holders)).flatMap(({ model, holds }) => (holds ? [model] : []));
  await states.send(new StopExecutionCommand({ executionArn: execution, error: "Stopped", cause }));

  const candidates = held.map(async (model) => {
    const { ModelPackageSummaryList = [] } = await sagemaker.send(
      new ListModelPackagesCommand({
        ModelPackageGroupName: naming.of("sagemaker", model),
        ModelApprovalStatus: "PendingManualApproval",
      }),
    );
    for (const { ModelPackageArn } of ModelPackageSummaryList) {
      await sagemaker.send(
        new UpdateModelPackageCommand({
          ModelPackageArn,
          ModelApprovalStatus: "Rejected",
          ApprovalDescription: `Its run was stopped: ${cause}`,
        }),
      );
    }
    return ModelPackageSummaryList.map(() => `The candidate of ${model} that waited for approval is withdrawn.`);
  });
  const labels = createLabelStore(dynamodb, naming.of("table", "labels"));
  const asking = (await labels.waitingRuns()).filter(({ model }) => held.includes(model));
  const questions = asking.map(async ({ model, runId, open }) => {
    await labels.close(model, runId);
    return [`No run of ${model} waits for labellers any more; answers to its ${open} open tasks serve the next one.`];
  });
  return (await Promise.all([...candidates, ...questions])).flat();
}
