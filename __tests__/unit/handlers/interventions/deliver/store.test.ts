import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import { CLOSED } from "../../../../../handlers/interventions/deliver/circuit";
import { createDeliveryStore } from "../../../../../handlers/interventions/deliver/store";

const dynamo = mockClient(DynamoDBClient);
const store = createDeliveryStore(new DynamoDBClient({ region: "eu-west-1" }), "deliveries");
beforeEach(() => dynamo.reset());
const NOW = Date.UTC(2026, 10, 26);
const MONTH = NOW / 1000 + 30 * 86_400;

const update = (): UpdateItemCommandInput => {
  const [call, ...others] = dynamo.commandCalls(UpdateItemCommand);
  expect(others).toEqual([]);
  const input = call?.args[0].input as UpdateItemCommandInput;
  // DynamoDB refuses values that no expression uses.
  const used = `${input.UpdateExpression} ${input.ConditionExpression}`.match(/:\w+/g);
  expect(Object.keys(input.ExpressionAttributeValues ?? {}).sort()).toEqual([...new Set(used)].sort());
  return input;
};
const refused = (item?: Record<string, { S: string } | { N: string }>) =>
  dynamo
    .on(UpdateItemCommand)
    .rejects(new ConditionalCheckFailedException({ $metadata: {}, message: "", ...(item && { Item: item }) }));

describe("a circuit", () => {
  test("that nobody wrote is closed", async () => {
    dynamo.on(GetItemCommand).resolves({});
    expect(await store.circuit("o/wallet")).toEqual({ circuit: CLOSED, version: 0 });
    expect(dynamo.commandCalls(GetItemCommand)[0]?.args[0].input).toEqual({
      TableName: "deliveries",
      Key: { item: { S: "o/wallet" } },
      ConsistentRead: true,
    });
  });

  test("is read as it was written, and replaces the one that was read", async () => {
    dynamo.on(UpdateItemCommand).resolves({});
    const open = { failures: 5, openings: 1, openUntil: NOW, trial: true } as const;
    expect(await store.follow("o/wallet", { circuit: CLOSED, version: 7 }, open)).toEqual({
      circuit: open,
      version: 8,
    });
    const { ExpressionAttributeValues: values = {}, ...written } = update();
    expect(written).toMatchObject({
      Key: { item: { S: "o/wallet" } },
      ConditionExpression: "attribute_not_exists(version) OR version = :seen",
      UpdateExpression:
        "SET failures = :failures, openings = :openings, trial = :trial, version = :next, openUntil = :until",
    });
    expect(values).toMatchObject({ ":seen": { N: "7" }, ":next": { N: "8" } });
    dynamo.on(GetItemCommand).resolves({
      Item: {
        failures: values[":failures"] as { N: string },
        openings: values[":openings"] as { N: string },
        openUntil: values[":until"] as { N: string },
        trial: values[":trial"] as { BOOL: true },
        version: values[":next"] as { N: string },
      },
    });
    expect(await store.circuit("o/wallet")).toEqual({ circuit: open, version: 8 });
  });

  test("that closes forgets until when it was open", async () => {
    dynamo.on(UpdateItemCommand).resolves({});
    await store.follow("o/wallet", { circuit: CLOSED, version: 7 }, CLOSED);
    expect(update().UpdateExpression).toMatch(/ REMOVE openUntil$/);
  });

  test("that somebody else wrote meanwhile stays theirs", async () => {
    refused();
    expect(await store.follow("o/wallet", { circuit: CLOSED, version: 7 }, CLOSED)).toBeUndefined();
  });
});

describe("an event", () => {
  const claim = () => store.claim("o/wallet", "event", "message", NOW, NOW + 45_000);

  test("is claimed until its attempt must be over, and forgotten after a month", async () => {
    dynamo.on(UpdateItemCommand).resolves({});
    expect(await claim()).toEqual({ kind: "mine" });
    expect(update()).toMatchObject({
      Key: { item: { S: "o/wallet#event" } },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      ExpressionAttributeValues: { ":until": { N: String(NOW + 45_000) }, ":expires": { N: String(MONTH) } },
    });
  });

  test("that another message holds is said to be held, and one that was delivered so", async () => {
    refused({ message: { S: "other" }, heldUntil: { N: String(NOW + 9) } });
    expect(await claim()).toEqual({ kind: "held", untilMs: NOW + 9 });
    refused({ message: { S: "other" }, heldUntil: { N: String(NOW + 9) }, deliveredAt: { N: String(NOW) } });
    expect(await claim()).toEqual({ kind: "delivered" });
  });

  test("is marked when it was delivered", async () => {
    dynamo.on(UpdateItemCommand).resolves({});
    await store.delivered("o/wallet", "event", NOW);
    expect(update()).toMatchObject({
      Key: { item: { S: "o/wallet#event" } },
      UpdateExpression: "SET deliveredAt = :now, expiresAt = :expires",
    });
  });

  test("what DynamoDB says otherwise is an error", async () => {
    dynamo.on(UpdateItemCommand).rejects(new Error("throttled"));
    await expect(claim()).rejects.toThrow("throttled");
  });
});
