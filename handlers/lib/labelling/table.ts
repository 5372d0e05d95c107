import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import type { Item } from "../aws/items";
import { runKey, toRun } from "./items";

/** Single items of the label table, read and written. */
export interface LabelTable {
  readonly client: DynamoDBClient;
  readonly name: string;
  /** Sees every write that came before. */
  readonly get: (key: Item) => Promise<Item | undefined>;
  /** The item after the update, or `undefined` when the condition does not hold. */
  readonly update: (input: Omit<UpdateItemCommandInput, "TableName">) => Promise<Item | undefined>;
}

export const labelTable = (client: DynamoDBClient, name: string): LabelTable => ({
  client,
  name,
  get: async (Key) => (await client.send(new GetItemCommand({ TableName: name, Key, ConsistentRead: true }))).Item,
  update: async (input) => {
    try {
      const command = new UpdateItemCommand({ TableName: name, ReturnValues: "ALL_NEW", ...input });
      return (await client.send(command)).Attributes ?? {};
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
  },
});

/** The token of a run that waits and of which nothing is open any more: its execution is to be told. */
export async function tokenOf({ get }: LabelTable, model: string, runId: string): Promise<{ readonly token?: string }> {
  const item = await get(runKey(model, runId));
  const run = item && toRun(item);
  return run?.token !== undefined && run.open <= 0 ? { token: run.token } : {};
}
