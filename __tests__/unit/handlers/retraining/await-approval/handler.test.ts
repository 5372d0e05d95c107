import { DynamoDBClient, GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { DescribeModelPackageCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { SendTaskSuccessCommand, SFNClient } from "@aws-sdk/client-sfn";
import { mockClient } from "aws-sdk-client-mock";
import { executionResumer } from "../../../../../handlers/lib/aws/execution";
import { heldTokens, pendingIn } from "../../../../../handlers/retraining/await-approval/adapters";
import { createHandler } from "../../../../../handlers/retraining/await-approval/handler";
import { fakeTelemetry } from "../../fakes";

const MODEL = "gambling-behaviour-marketing";
const PACKAGE = "arn:aws:sagemaker:eu-west-1:000000000000:model-package/group/7";
const TOKEN = "the-token-of-the-task";
const dynamodb = mockClient(DynamoDBClient);
const sagemaker = mockClient(SageMakerClient);
const states = mockClient(SFNClient);
const output = fakeTelemetry();
const region = { region: "eu-west-1" };
const handler = createHandler({
  environment: { MODELS_BY_GROUP: new Map([["group", MODEL]]) },
  telemetry: output.telemetry,
  ports: {
    ...heldTokens(new DynamoDBClient(region), "runs"),
    isPending: pendingIn(new SageMakerClient(region)),
    resume: executionResumer(new SFNClient(region)),
  },
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
  [null, "must be an object (found null)"],
  ["approve", "must be an object (found a string)"],
  [{}, "model is missing; it must be a non-empty string"],
  [{ ...waits, token: "" }, "token must be a non-empty string (found an empty string)"],
  [{ ...waits, model: 7 }, "model must be a non-empty string (found a number)"],
  [{ detail: null }, "detail must be an object (found null)"],
  [{ detail: { ModelPackageGroupName: "group" } }, "detail.ModelPackageArn is missing; it must be a non-empty string"],
])("an input that is neither, %j, is refused in words", async (input, message) => {
  await expect(handler(input)).rejects.toThrow(
    `input, {model, modelPackage, token} or the registry's event: ${message}`,
  );
  expect(dynamodb.calls()).toEqual([]);
});

test("a package is logged, its token never", async () => {
  held();
  await handler(decision());
  expect(output.text()).toContain(PACKAGE);
  expect(output.text()).not.toContain(TOKEN);
});
