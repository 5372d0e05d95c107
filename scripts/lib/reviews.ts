import { type DynamoDBClient, paginateQuery } from "@aws-sdk/client-dynamodb";
import { REVIEWS } from "../../handlers/lib/interventions/store";
import type { Naming } from "../../modules/base/naming";

export interface WaitingReviews {
  readonly operatorId: string;
  readonly open: number;
  /** Those among them whose deadline has passed. */
  readonly overdue: number;
}

/** Counts the reviews that wait for a person, by operator; operators without any are left out. */
export async function waitingReviews(
  { dynamodb, naming }: { readonly dynamodb: DynamoDBClient; readonly naming: Naming },
  operators: readonly string[],
  now: Date,
): Promise<readonly WaitingReviews[]> {
  const count = async (operatorId: string, before?: string) => {
    const { hash, range, name } = REVIEWS;
    let found = 0;
    const pages = paginateQuery(
      { client: dynamodb },
      {
        TableName: naming.of("table", "players"),
        IndexName: name,
        Select: "COUNT",
        KeyConditionExpression: `${hash} = :operator${before === undefined ? "" : ` AND ${range} < :before`}`,
        ExpressionAttributeValues: {
          ":operator": { S: operatorId },
          ...(before !== undefined && { ":before": { S: before } }),
        },
      },
    );
    for await (const { Count = 0 } of pages) found += Count;
    return found;
  };
  const all = await Promise.all(
    operators.map(async (operatorId) => ({
      operatorId,
      open: await count(operatorId),
      overdue: await count(operatorId, now.toISOString()),
    })),
  );
  return all.filter(({ open }) => open > 0);
}
