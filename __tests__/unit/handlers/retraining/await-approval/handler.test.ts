import { DynamoDBClient, GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { DescribeModelPackageCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { SendTaskSuccessCommand, SFNClient } from "@aws-sdk/client-sfn";
import { mockClient } from "aws-sdk-client-mock";
import type { handler as Handler } from "../../../../../handlers/retraining/await-approval";
import { catchOutput } from "../../output";

const MODEL = "gambling-behaviour-marketing";
const PACKAGE = "arn:aws:sagemaker:eu-west-1:000000000000:model-package/group/7";
const TOKEN = "the-token-of-the-task";
const dynamodb = mockClient(DynamoDBClient);
const sagemaker = mockClient(SageMakerClient);
const states = mockClient(SFNClient);
const output = catchOutput();
let handler: typeof Handler;

beforeAll(async () => {
  Object.assign(process.env, {
    ENVIRONMENT: "test",
    LOG_LEVEL: "INFO",
    LOCK_TABLE: "runs",
    MODELS_BY_GROUP: JSON.stringify({ group: MODEL }),
    AWS_REGION: "eu-west-1",
  });
  ({ handler } = await import("../../../../../handlers/retraining/await-approval"));
});
beforeEach(() => {
  for (const mock of [dynamodb, sagemaker, states]) mock.reset();
  dynamodb.on(UpdateItemCommand).resolves({});
  dynamodb.on(GetItemCommand).resolves({});
  states.on(SendTaskSuccessCommand).resolves({});
});

const registry = (ModelApprovalStatus: string) =>
  sagemaker.on(DescribeModelPackageCommand, { ModelPackageName: PACKAGE }).resolves({ ModelApprovalStatus } as never);
const waits = { model: MODEL, modelPackage: PACKAGE, token: TOKEN };
const decision = (group = "group", ModelPackageArn = PACKAGE) => ({
  source: "aws.sagemaker",
  "detail-type": "SageMaker Model Package State Change",
  detail: { ModelPackageGroupName: group, ModelPackageArn, ModelApprovalStatus: "Approved" },
});
const held = (modelPackage = PACKAGE) =>
  dynamodb.on(GetItemCommand, { TableName: "runs", Key: { model: { S: MODEL } } }).resolves({
    Item: { model: { S: MODEL }, holder: { S: "x" }, modelPackage: { S: modelPackage }, approvalToken: { S: TOKEN } },
  });
const resumed = () => states.commandCalls(SendTaskSuccessCommand).map(({ args }) => args[0].input.taskToken);

test("a run that waits has its token kept in its own item, and nothing goes on", async () => {
  registry("PendingManualApproval");
  expect(await handler(waits)).toEqual({ outcome: "waiting" });
  expect(dynamodb.commandCalls(UpdateItemCommand)[0]?.args[0].input).toMatchObject({
    TableName: "runs",
    Key: { model: { S: MODEL } },
    ConditionExpression: "attribute_exists(model)",
    ExpressionAttributeValues: { ":modelPackage": { S: PACKAGE }, ":token": { S: TOKEN } },
  });
  expect(resumed()).toEqual([]);
});

test.each(["Approved", "Rejected"])(
  "a candidate that was %s before the token was kept resumes the run at once",
  async (status) => {
    registry(status);
    expect(await handler(waits)).toEqual({ outcome: "resumed" });
    expect(resumed()).toEqual([TOKEN]);
  },
);

test("the token is kept before the registry is looked at, so that no decision falls between the two", async () => {
  const order: string[] = [];
  dynamodb.on(UpdateItemCommand).callsFake(async () => {
    order.push("kept");
    return {};
  });
  sagemaker.on(DescribeModelPackageCommand).callsFake(async () => {
    order.push("looked");
    return { ModelApprovalStatus: "PendingManualApproval" };
  });
  await handler(waits);
  expect(order).toEqual(["kept", "looked"]);
});

test("a decision resumes the run that waits for it", async () => {
  held();
  expect(await handler(decision())).toEqual({ outcome: "resumed" });
  expect(resumed()).toEqual([TOKEN]);
});

test.each([
  ["on a version that nobody waits for", decision("group", PACKAGE.replace("/7", "/6"))],
  ["on a version of another group", decision("somebody-elses")],
  ["while no run holds the model", decision()],
])("a decision %s changes nothing", async (what, event) => {
  if (!what.startsWith("while")) held();
  expect(await handler(event)).toEqual({ outcome: "nobody-waits" });
  expect(resumed()).toEqual([]);
});

test.each(["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])(
  "a token that has ended (%s) is no error",
  async (name) => {
    held();
    states.on(SendTaskSuccessCommand).rejects(Object.assign(new Error("ended"), { name }));
    expect(await handler(decision())).toEqual({ outcome: "resumed" });
  },
);

test("when the run cannot be told, the event is delivered again", async () => {
  held();
  states.on(SendTaskSuccessCommand).rejects(new Error("Rate exceeded"));
  await expect(handler(decision())).rejects.toThrow("Rate exceeded");
});

test.each([
  [null],
  ["approve"],
  [{}],
  [{ ...waits, token: "" }],
  [{ ...waits, model: 7 }],
  [{ detail: null }],
  [{ detail: { ModelPackageGroupName: "group" } }],
])("an input that is neither, %j, is refused in words", async (input) => {
  await expect(handler(input)).rejects.toThrow(/must be a non-empty string: send \{model, modelPackage, token\}/);
  expect(dynamodb.calls()).toEqual([]);
});

test("a package is logged, its token never", async () => {
  held();
  await handler(decision());
  expect(output.text()).toContain(PACKAGE);
  expect(output.text()).not.toContain(TOKEN);
});
