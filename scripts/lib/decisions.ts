import { type DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { type PublishDeps, publisher } from "../../handlers/interventions/publish-decisions/publish";
import { type Item, names, S, textOf } from "../../handlers/lib/aws/items";
import type { ChangeRef } from "../../handlers/lib/interventions/audit-log";
import { CHANGES, refOf, toChange } from "../../handlers/lib/interventions/items";

export interface DecisionsDeps extends PublishDeps {
  readonly dynamodb: DynamoDBClient;
  /** Name of the table of players. */
  readonly table: string;
}

/** What became of decisions that had come no further than the table. */
export interface Brought {
  readonly published: number;
  readonly failed: number;
}

/**
 * Puts on record and on the bus what `publish-decisions` gave up: all changes that are not on record. With `since`, those
 * that happened since are published again though they are on record, because the bus may have refused them.
 */
export async function publishLeft(deps: DecisionsDeps, since?: Date): Promise<Brought> {
  const publish = publisher(deps);
  let published = 0;
  let failed = 0;
  for await (const refs of leftBehind(deps, since)) {
    const untaken = (await publish(refs)).size;
    published += refs.length - untaken;
    failed += untaken;
  }
  return { published, failed };
}

/** Lists changes page by page, those of one player in their order. */
async function* leftBehind(
  { dynamodb, table: TableName }: DecisionsDeps,
  since: Date | undefined,
): AsyncGenerator<readonly ChangeRef[]> {
  const query = {
    TableName,
    ConsistentRead: true,
    FilterExpression: `begins_with(#item, :changes)${since === undefined ? " AND attribute_not_exists(#audit)" : ""}`,
    ExpressionAttributeNames: names("item", ...(since === undefined ? ["audit"] : [])),
    ExpressionAttributeValues: { ":changes": S(CHANGES) },
  };
  for (let last: Item | undefined, more = true; more; more = last !== undefined) {
    const { Items = [], LastEvaluatedKey } = await dynamodb.send(
      new ScanCommand({ ...query, ...(last && { ExclusiveStartKey: last }) }),
    );
    last = LastEvaluatedKey;
    const left = Items.filter((item) => {
      const { audit, detail } = toChange(item);
      return audit === undefined || (since !== undefined && happenedSince(detail, since));
    });
    const refs = left.flatMap((item) => refOf(textOf(item, "player"), textOf(item, "item")) ?? []);
    if (refs.length > 0) yield refs;
  }
}

const happenedSince = ({ at }: { readonly at: string }, since: Date): boolean => Date.parse(at) >= since.getTime();
