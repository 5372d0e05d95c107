import { type DynamoDBClient, GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { DescribeModelPackageCommand, type SageMakerClient } from "@aws-sdk/client-sagemaker";
import type { Ports } from "./logic";

/** The run's item of the lock table, which holds what the run waits for. */
export const heldTokens = (client: DynamoDBClient, TableName: string): Pick<Ports, "hold" | "find"> => ({
  hold: async ({ model, modelPackage, token }) => {
    await client.send(
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
    const { Item } = await client.send(
      new GetItemCommand({ TableName, Key: { model: { S: model } }, ConsistentRead: true }),
    );
    const modelPackage = Item?.modelPackage?.S;
    const token = Item?.approvalToken?.S;
    return modelPackage !== undefined && token !== undefined ? { modelPackage, token } : undefined;
  },
});

/** Asks the model registry whether a model package still wants a decision. */
export const pendingIn =
  (client: SageMakerClient): Ports["isPending"] =>
  async (ModelPackageName) => {
    const { ModelApprovalStatus } = await client.send(new DescribeModelPackageCommand({ ModelPackageName }));
    return ModelApprovalStatus === "PendingManualApproval";
  };
