import type { DynamodbTableConfig } from "@cdktf/provider-aws/lib/dynamodb-table";
import type { Construct } from "constructs";
import { BaseStack } from "../base/base-stack";

/** Gives every table a price by request, the environment's key, and a way back to any second of the last 35 days. */
export const tableDefaults = (scope: Construct, name: string) =>
  ({
    name,
    billingMode: "PAY_PER_REQUEST",
    serverSideEncryption: { enabled: true, kmsKeyArn: BaseStack.of(scope).key.arn },
    pointInTimeRecovery: { enabled: true },
  }) satisfies Partial<DynamodbTableConfig>;
