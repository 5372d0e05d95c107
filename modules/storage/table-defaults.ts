import type { DynamodbTableConfig } from "@cdktf/provider-aws/lib/dynamodb-table";
import type { EncryptionKey } from "./encryption-key";

/** What every table has: a price by request, the environment's key, and a way back to any second of the last 35 days. */
export const tableDefaults = (name: string, key: EncryptionKey) =>
  ({
    name,
    billingMode: "PAY_PER_REQUEST",
    serverSideEncryption: { enabled: true, kmsKeyArn: key.arn },
    pointInTimeRecovery: { enabled: true },
  }) satisfies Partial<DynamodbTableConfig>;
