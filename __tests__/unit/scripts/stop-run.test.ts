import { DynamoDBClient, GetItemCommand, QueryCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { ListModelPackagesCommand, SageMakerClient, UpdateModelPackageCommand } from "@aws-sdk/client-sagemaker";
import { DescribeExecutionCommand, SFNClient, StopExecutionCommand } from "@aws-sdk/client-sfn";
import { mockClient } from "aws-sdk-client-mock";
import { loadConfig } from "../../../config";
import { Naming } from "../../../modules/base/naming";
import { stopRun } from "../../../scripts/lib/locks";

const [dynamodb, sagemaker, states] = [mockClient(DynamoDBClient), mockClient(SageMakerClient), mockClient(SFNClient)];
const config = loadConfig("local");
const EXECUTION = "arn:aws:states:eu-west-1:000000000000:execution:main:one";
const HELD = "gambling-behaviour-problem-gambling";
const settings = { region: "eu-west-1", credentials: { accessKeyId: "a", secretAccessKey: "b" } };
const environment = {
  config,
  naming: new Naming(config),
  dynamodb: new DynamoDBClient(settings),
  sagemaker: new SageMakerClient(settings),
  states: new SFNClient(settings),
};
const stop = () => stopRun(environment, { execution: EXECUTION, running: true }, "Somebody stopped it");

beforeEach(() => {
  for (const client of [dynamodb, sagemaker, states]) client.reset();
  states.on(DescribeExecutionCommand).resolves({ status: "RUNNING" }).on(StopExecutionCommand).resolves({});
  dynamodb.on(GetItemCommand).resolves({});
  dynamodb
    .on(GetItemCommand, { Key: { model: { S: HELD } } })
    .resolves({ Item: { model: { S: HELD }, holder: { S: `${EXECUTION}#0` } } });
  dynamodb.on(QueryCommand).resolves({ Items: [] });
  sagemaker.on(ListModelPackagesCommand).resolves({ ModelPackageSummaryList: [] });
});

test("a run that asked nobody for anything is only stopped", async () => {
  expect(await stop()).toEqual([]);
  expect(states.commandCalls(StopExecutionCommand).map(({ args }) => args[0].input)).toEqual([
    { executionArn: EXECUTION, error: "Stopped", cause: "Somebody stopped it" },
  ]);
});

test("a stopped run withdraws the candidates and tasks that it waited for, of its own models alone", async () => {
  const package_ = { ModelPackageArn: "arn:p", ModelPackageStatus: "Completed" as const, CreationTime: new Date(0) };
  sagemaker.on(ListModelPackagesCommand).resolves({ ModelPackageSummaryList: [package_] });
  sagemaker.on(UpdateModelPackageCommand).resolves({});
  const waiting = (model: string) => ({
    model: { S: model },
    runId: { S: "r" },
    open: { N: "7" },
    deadline: { S: "2026-11-26T00:00:00Z" },
    token: { S: "t" },
  });
  dynamodb.on(QueryCommand).resolves({ Items: [waiting(HELD), waiting("gambling-behaviour-marketing")] });
  dynamodb.on(UpdateItemCommand).resolves({});
  expect(await stop()).toEqual([
    `The candidate of ${HELD} that waited for approval is withdrawn.`,
    `No run of ${HELD} waits for labellers any more; answers to its 7 open tasks serve the next one.`,
  ]);
  expect(sagemaker.commandCalls(ListModelPackagesCommand).map(({ args }) => args[0].input)).toEqual([
    { ModelPackageGroupName: `vwt-local-${HELD}`, ModelApprovalStatus: "PendingManualApproval" },
  ]);
  expect(sagemaker.commandCalls(UpdateModelPackageCommand).map(({ args }) => args[0].input)).toEqual([
    {
      ModelPackageArn: "arn:p",
      ModelApprovalStatus: "Rejected",
      ApprovalDescription: "Its run was stopped: Somebody stopped it",
    },
  ]);
  const closed = dynamodb.commandCalls(UpdateItemCommand).map(({ args }) => args[0].input);
  expect(closed).toEqual([
    expect.objectContaining({ Key: { task: { S: `run#${HELD}#r` } }, UpdateExpression: "REMOVE #token, #queue" }),
  ]);
});

test("a run that cannot be stopped keeps what it asked for", async () => {
  states.on(StopExecutionCommand).rejects(new Error("no"));
  await expect(stop()).rejects.toThrow("no");
  expect(sagemaker.commandCalls(UpdateModelPackageCommand)).toEqual([]);
});
