import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import { Overtaken, signerStore } from "../../../../../handlers/interventions/write-chain/store";

const dynamodb = mockClient(DynamoDBClient);
const store = signerStore(new DynamoDBClient({}), "chain", "1|0xabc");
const condition = new ConditionalCheckFailedException({ message: "no", $metadata: {} });
const transaction = { nonce: 12, raw: "0x02aa", signedAt: 5 } as const;
const item = {
  signer: { S: "1|0xabc" },
  item: { S: "transaction#000000000012" },
  nonce: { N: "12" },
  raw: { B: new Uint8Array([2, 0xaa]) },
  signedAt: { N: "5" },
};
beforeEach(() => dynamodb.reset());

test("the first transaction of a nonce is kept, and no second", async () => {
  dynamodb.on(PutItemCommand).resolvesOnce({}).rejects(condition);
  await store.add(transaction);
  expect(dynamodb.commandCalls(PutItemCommand)[0]?.args[0].input).toEqual({
    TableName: "chain",
    Item: item,
    ConditionExpression: "attribute_not_exists(signer)",
  });
  await expect(store.add(transaction)).rejects.toThrow(Overtaken);
});

test("a transaction takes the place of the one that was there, and of no other", async () => {
  dynamodb.on(PutItemCommand).resolvesOnce({}).rejects(condition);
  await store.replace({ ...transaction, raw: "0x02bb" }, transaction);
  expect(dynamodb.commandCalls(PutItemCommand)[0]?.args[0].input).toMatchObject({
    ConditionExpression: "#raw = :before",
    ExpressionAttributeNames: { "#raw": "raw" },
    ExpressionAttributeValues: { ":before": { B: new Uint8Array([2, 0xbb]) } },
  });
  await expect(store.replace({ ...transaction, raw: "0x02bb" }, transaction)).rejects.toThrow(Overtaken);
});

test("transactions of all pages are listed, as they were kept", async () => {
  dynamodb
    .on(QueryCommand)
    .resolvesOnce({ Items: [item], LastEvaluatedKey: { signer: item.signer, item: item.item } })
    .resolvesOnce({ Items: [{ ...item, nonce: { N: "13" } }] });
  expect(await store.transactions()).toEqual([transaction, { ...transaction, nonce: 13 }]);
  expect(dynamodb.commandCalls(QueryCommand)[0]?.args[0].input.ConsistentRead).toBe(true);
});

test("an item that is no transaction is told of", async () => {
  dynamodb.on(QueryCommand).resolves({ Items: [{ item: { S: "transaction#1" } }] });
  await expect(store.transactions()).rejects.toThrow("is no transaction");
});

test("a transaction is forgotten by its nonce", async () => {
  dynamodb.on(DeleteItemCommand).resolves({});
  await store.forget(12);
  expect(dynamodb.commandCalls(DeleteItemCommand)[0]?.args[0].input.Key).toEqual({
    signer: item.signer,
    item: item.item,
  });
});

test("a turn is taken when nobody else's is under way, and tells how often the chain failed", async () => {
  dynamodb
    .on(UpdateItemCommand)
    .resolvesOnce({ Attributes: { failures: { N: "3" } } })
    .resolvesOnce({ Attributes: {} })
    .rejects(condition);
  expect(await store.take("me", 100, 200)).toEqual({ failures: 3 });
  expect(await store.take("me", 100, 200)).toEqual({ failures: 0 });
  expect(await store.take("me", 100, 200)).toBeUndefined();
  expect(dynamodb.commandCalls(UpdateItemCommand)[0]?.args[0].input).toMatchObject({
    ConditionExpression: "attribute_not_exists(untilMs) OR untilMs <= :now",
    ExpressionAttributeValues: { ":holder": { S: "me" }, ":now": { N: "100" }, ":until": { N: "200" } },
  });
});

test("a turn is ended by who has it; when another one has begun, nothing happens", async () => {
  dynamodb.on(UpdateItemCommand).rejects(condition);
  await store.end("me", 300, 1);
  expect(dynamodb.commandCalls(UpdateItemCommand)[0]?.args[0].input).toMatchObject({
    ConditionExpression: "holder = :holder",
    ExpressionAttributeValues: { ":holder": { S: "me" }, ":until": { N: "300" }, ":failures": { N: "1" } },
  });
});

test("other errors of the table are not hidden", async () => {
  dynamodb.onAnyCommand().rejects(new Error("down"));
  for (const call of [() => store.add(transaction), () => store.take("me", 1, 2), () => store.end("me", 1, 0)]) {
    await expect(call()).rejects.toThrow("down");
  }
});
