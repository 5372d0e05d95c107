import { DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import { loadConfig } from "../../../config";
import { Naming } from "../../../modules/base/naming";
import { waitingReviews } from "../../../scripts/lib/reviews";

const mock = mockClient(DynamoDBClient);
const environment = { dynamodb: new DynamoDBClient({ region: "eu-west-1" }), naming: new Naming(loadConfig("local")) };
beforeEach(() => mock.reset());

test("reviews that wait are counted by operator, over all pages, and those that are late among them", async () => {
  const operator = (id: string) => ({ ":operator": { S: id } });
  const late = { ...operator("operator-a"), ":before": { S: "2026-11-26T10:00:00.000Z" } };
  mock.on(QueryCommand).resolves({ Count: 0 });
  mock
    .on(QueryCommand, { ExpressionAttributeValues: operator("operator-a") })
    .resolvesOnce({ Count: 3, LastEvaluatedKey: operator("x") })
    .resolves({ Count: 2 });
  mock.on(QueryCommand, { ExpressionAttributeValues: late }).resolves({ Count: 1 });
  const operators = ["operator-a", "operator-b"];
  expect(await waitingReviews(environment, operators, new Date("2026-11-26T10:00:00Z"))).toEqual([
    { operatorId: "operator-a", open: 5, overdue: 1 },
  ]);
  expect(mock.commandCalls(QueryCommand).map(({ args }) => args[0].input)).toContainEqual({
    TableName: "vwt-local-players",
    IndexName: "reviews",
    Select: "COUNT",
    KeyConditionExpression: "reviewOperator = :operator AND reviewDue < :before",
    ExpressionAttributeValues: late,
  });
});
