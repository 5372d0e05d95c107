import { DynamoDBClient, GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { DescribeModelPackageCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { SFNClient } from "@aws-sdk/client-sfn";
import { readEnvironment } from "../../../contracts/environment";
import { clientOptions } from "../../lib/aws/clients";
import { executionResumer } from "../../lib/aws/execution";
import { createTelemetry } from "../../lib/util/telemetry";
import { decide, type Outcome, type Ports, parseInput, wait } from "./logic";

const environment = readEnvironment("await-approval", process.env);
const telemetry = createTelemetry("await-approval", environment);
const options = clientOptions({ timeoutMs: 5_000, maxAttempts: 5 });
const dynamodb = new DynamoDBClient(options);
const sagemaker = new SageMakerClient(options);
const TableName = environment.LOCK_TABLE;

const ports: Ports = {
  hold: async ({ model, modelPackage, token }) => {
    await dynamodb.send(
      new UpdateItemCommand({
        TableName,
        Key: { model: { S: model } },
        ConditionExpression: "attribute_exists(model)",
        UpdateExpression: "SET modelPackage = :modelPackage, approvalToken = :token",
        ExpressionAttributeValues: { ":modelPackage": { S: modelPackage }, ":token": { S: token } },
      }),
    );
  },
  find: async (model) => {
    const { Item } = await dynamodb.send(
      new GetItemCommand({ TableName, Key: { model: { S: model } }, ConsistentRead: true }),
    );
    const modelPackage = Item?.modelPackage?.S;
    const token = Item?.approvalToken?.S;
    return modelPackage !== undefined && token !== undefined ? { modelPackage, token } : undefined;
  },
  isPending: async (modelPackage) => {
    const { ModelApprovalStatus } = await sagemaker.send(
      new DescribeModelPackageCommand({ ModelPackageName: modelPackage }),
    );
    return ModelApprovalStatus === "PendingManualApproval";
  },
  resume: executionResumer(new SFNClient(options)),
};

/** Keeps the task token of a run whose candidate waits for a person, and ends the wait once the registry has a decision. */
export async function handler(input: unknown): Promise<{ readonly outcome: Outcome }> {
  const parsed = parseInput(input);
  const outcome =
    "token" in parsed ? await wait(ports, parsed) : await decide(ports, parsed, environment.MODELS_BY_GROUP);
  telemetry.info(outcome, { modelPackage: parsed.modelPackage });
  return { outcome };
}
