import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import { type AskingRun, createLabelStore, type NewTask } from "../../../../../handlers/lib/labelling/store";

const dynamo = mockClient(DynamoDBClient);
const store = createLabelStore(new DynamoDBClient({ region: "eu-west-1" }), "labels");
beforeEach(() => dynamo.reset());

const $metadata = {};
const refused = new ConditionalCheckFailedException({ $metadata, message: "" });
const cancelled = (...codes: string[]) =>
  new TransactionCanceledException({ $metadata, message: "", CancellationReasons: codes.map((Code) => ({ Code })) });
const id = (n: number) => n.toString(16).padStart(32, "0");
const texts = (values: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]): [string, AttributeValue] => [name, { S: value }]));
const votesOf = (votes: Readonly<Record<string, string>>): AttributeValue => ({
  M: Object.fromEntries(
    Object.entries(votes).map(([labeller, answer]) => [labeller, { M: texts({ answer, at: "2026-01-01T00:00:00Z" }) }]),
  ),
});
const stored = (
  n: number,
  votes: Readonly<Record<string, string>> = {},
  more: Record<string, AttributeValue> = {},
) => ({
  ...texts({ task: id(n), model: "m", dataset: "d", featureHash: "h", operatorId: "o", playerId: `p-${n}` }),
  ...texts({ asOf: "2026-01-01T00:00:00Z", features: "[1,null]", runId: "r", status: "open", queue: "o" }),
  ...texts({ deadline: "2026-03-01T00:00:00Z" }),
  votes: votesOf(votes),
  votesToAgree: { N: "2" },
  mostVotes: { N: "3" },
  ...more,
});
const storedRun = (open: number, more: Record<string, AttributeValue> = {}) => ({
  ...texts({ task: "run#m#r", model: "m", runId: "r", deadline: "2026-03-01T00:00:00Z", queue: "#runs" }),
  asked: { N: "9" },
  open: { N: String(open) },
  agreed: { N: "1" },
  disputed: { N: "0" },
  ...more,
});
const task = (n: number): NewTask => ({
  task: id(n),
  model: "m",
  dataset: "d",
  featureHash: "h",
  operatorId: "o",
  playerId: `p-${n}`,
  asOf: "2026-01-01T00:00:00Z",
  features: [1, null],
});
/** Every name and every value of an expression is used, and none is missing: DynamoDB refuses both. */
function complete(input: object): void {
  const { ExpressionAttributeNames = {}, ExpressionAttributeValues = {}, ...rest } = input as Record<string, object>;
  const expressions = Object.entries(rest)
    .filter(([name]) => name.endsWith("Expression"))
    .map(([, text]) => String(text))
    .join(" ");
  const used = (sign: string) => [...new Set(expressions.match(new RegExp(`${sign}\\w+`, "g")))].sort();
  expect(Object.keys(ExpressionAttributeNames).sort()).toEqual(used("#"));
  expect(Object.keys(ExpressionAttributeValues).sort()).toEqual(used(":"));
}
const updates = () => dynamo.commandCalls(UpdateItemCommand).map(({ args }) => args[0].input);
const transactions = () =>
  dynamo
    .commandCalls(TransactWriteItemsCommand)
    .map(({ args }) => args[0].input.TransactItems?.map((item) => item.Update));

describe("asking", () => {
  const run: AskingRun = {
    ...{ model: "m", runId: "r", chosen: "uncertainty" as const },
    ...{ votesToAgree: 2, mostVotes: 3, deadline: "2026-03-01T00:00:00Z" },
  };

  test("the run is there first, tasks follow, and then the execution waits", async () => {
    dynamo.on(UpdateItemCommand).resolves({ Attributes: { ...stored(1), asked: { N: "2" }, open: { N: "1" } } });
    expect(await store.ask([task(1), task(2), task(1)], { ...run, token: "t" })).toEqual({ asked: 2, open: 1 });
    const [first, ...others] = updates();
    const last = others.pop();
    expect(first).toMatchObject({ TableName: "labels", Key: { task: { S: "run#m#r" } } });
    expect(JSON.stringify(first)).not.toMatch(/token|queue/);
    expect(others.map(({ Key }) => Key)).toEqual([{ task: { S: id(1) } }, { task: { S: id(2) } }]);
    expect(others[0]).toMatchObject({
      ConditionExpression: "attribute_not_exists(#task) OR #status = :status",
      // How the first run that asked has chosen it counts.
      UpdateExpression: expect.stringMatching(
        /#votes = if_not_exists\(#votes, :votes\).*#chosen = if_not_exists\(#chosen, :chosen\)/,
      ),
      ExpressionAttributeValues: {
        ":operatorId": { S: "o" },
        ":queue": { S: "o" },
        ":features": { S: "[1,null]" },
        ":runId": { S: "r" },
        ":votes": { M: {} },
        ":votesToAgree": { N: "2" },
        ":chosen": { S: "uncertainty" },
      },
    });
    expect(last).toMatchObject({
      Key: { task: { S: "run#m#r" } },
      ConditionExpression: "attribute_not_exists(#askedAt)",
      ExpressionAttributeValues: { ":asked": { N: "2" }, ":token": { S: "t" }, ":runs": { S: "#runs" } },
    });
    updates().forEach(complete);
  });

  test("resolved tasks are not this run's, unless a vote resolved them for it", async () => {
    dynamo.on(UpdateItemCommand).resolves({ Attributes: storedRun(1) });
    for (const n of [1, 2]) dynamo.on(UpdateItemCommand, { Key: { task: { S: id(n) } } }).rejects(refused);
    const agreed = { status: { S: "agreed" } };
    dynamo.on(GetItemCommand, { Key: { task: { S: id(1) } } }).resolves({ Item: stored(1, {}, agreed) });
    const other = { ...agreed, runId: { S: "earlier" } };
    dynamo.on(GetItemCommand, { Key: { task: { S: id(2) } } }).resolves({ Item: stored(2, {}, other) });
    await store.ask([task(1), task(2)], run);
    expect(updates().at(-1)?.ExpressionAttributeValues).toMatchObject({ ":asked": { N: "1" } });
  });

  test("a run that waits for nobody is not listed", async () => {
    dynamo.on(UpdateItemCommand).resolves({ Attributes: storedRun(0) });
    await store.ask([], run);
    expect(JSON.stringify(updates())).not.toMatch(/token|queue/);
    updates().forEach(complete);
  });

  test("repeated, it counts nothing twice and waits with the new token", async () => {
    dynamo.on(UpdateItemCommand).resolves({ Attributes: { ...storedRun(4), ...stored(1) } });
    dynamo.on(UpdateItemCommand, { ConditionExpression: "attribute_not_exists(#askedAt)" }).rejects(refused);
    expect(await store.ask([task(1)], { ...run, token: "t2" })).toEqual({ asked: 9, open: 4 });
    const last = updates().at(-1);
    expect(last?.UpdateExpression).not.toContain("ADD");
    expect(last?.ExpressionAttributeValues).toMatchObject({ ":token": { S: "t2" } });
    updates().forEach(complete);
  });

  test("an error of DynamoDB ends it", async () => {
    dynamo.on(UpdateItemCommand).rejects(new Error("no"));
    await expect(store.ask([task(1)], run)).rejects.toThrow("no");
  });
});

describe("voting", () => {
  const vote = {
    task: id(1),
    operatorId: "o",
    labeller: "me",
    answer: "problem-gambling",
    at: "2026-02-01T00:00:00Z",
  } as const;
  const holds = (...items: (Record<string, AttributeValue> | undefined)[]) => {
    const found = dynamo.on(GetItemCommand, { Key: { task: { S: id(1) } }, ConsistentRead: true });
    for (const Item of items) found.resolvesOnce(Item ? { Item } : {});
    found.resolves({ Item: items.at(-1) as Record<string, AttributeValue> });
  };
  const runHolds = (Item?: Record<string, AttributeValue>) =>
    dynamo.on(GetItemCommand, { Key: { task: { S: "run#m#r" } }, ConsistentRead: true }).resolves(Item ? { Item } : {});
  beforeEach(() => dynamo.on(TransactWriteItemsCommand).resolves({}));

  test("one that decides nothing touches the task only", async () => {
    holds(stored(1));
    expect(await store.vote(vote)).toEqual({ status: "open", counted: true, model: "m", runId: "r" });
    const [[update, ...others] = []] = transactions();
    expect(others).toEqual([]);
    expect(update).toMatchObject({
      TableName: "labels",
      Key: { task: { S: id(1) } },
      UpdateExpression: "SET #votes.#labeller = :vote, #status = :status",
      ExpressionAttributeNames: { "#labeller": "me" },
      ExpressionAttributeValues: { ":count": { N: "0" }, ":vote": { M: { answer: { S: "problem-gambling" } } } },
    });
    complete(update as object);
  });

  test.each([
    ["agreed", { a: "problem-gambling" }, /#label = :label, #agreedModel = :model, #agreedAt = :at REMOVE #queue$/],
    ["disputed", { a: "no-problem-gambling", b: "cannot-tell" }, /#status = :status REMOVE #queue$/],
  ])("one that makes a task %s moves the run's counters along", async (status, votes, expression) => {
    holds(stored(1, votes));
    runHolds(storedRun(3, { token: { S: "t" } }));
    expect(await store.vote(vote)).toEqual({ status, counted: true, model: "m", runId: "r" });
    const [[onTask, onRun] = []] = transactions();
    expect(onTask?.UpdateExpression).toMatch(expression);
    expect(onRun).toMatchObject({
      Key: { task: { S: "run#m#r" } },
      ConditionExpression: "attribute_exists(#task)",
      ExpressionAttributeNames: { "#status": status },
      ExpressionAttributeValues: { ":less": { N: "-1" }, ":more": { N: "1" } },
    });
    complete(onTask as object);
    complete(onRun as object);
  });

  test("the one that leaves nothing open tells of the execution that waits", async () => {
    holds(stored(1, { a: "problem-gambling" }));
    runHolds(storedRun(0, { token: { S: "t" } }));
    expect(await store.vote(vote)).toMatchObject({ status: "agreed", token: "t" });
    holds(stored(1, { a: "problem-gambling", me: "problem-gambling" }, { status: { S: "agreed" } }));
    expect(await store.vote(vote)).toMatchObject({ status: "agreed", counted: false, token: "t" });
    runHolds(storedRun(0));
    expect(await store.vote(vote)).not.toHaveProperty("token");
  });

  test.each([
    ["the same again", { me: "problem-gambling" }, "open"],
    ["a late one", { a: "problem-gambling", b: "problem-gambling" }, "agreed"],
  ])("%s does no harm", async (_, votes, status) => {
    holds(stored(1, votes as unknown as Record<string, string>, { status: { S: status } }));
    runHolds();
    expect(await store.vote(vote)).toEqual({ status, counted: false, model: "m", runId: "r" });
    expect(transactions()).toEqual([]);
  });

  test.each<[string, Record<string, AttributeValue> | undefined, string]>([
    ["of no task", undefined, "unknown-task"],
    ["of another operator's task", stored(1, {}, { operatorId: { S: "other" } }), "unknown-task"],
    ["of a run", storedRun(1), "unknown-task"],
    ["after another answer", stored(1, { me: "cannot-tell" }), "already-answered"],
    [
      "after another answer, too late",
      stored(1, { me: "cannot-tell" }, { status: { S: "agreed" } }),
      "already-answered",
    ],
  ])("one %s is refused", async (_, item, reason) => {
    holds(item);
    await expect(store.vote(vote)).rejects.toMatchObject({ name: "VoteRefused", reason });
    expect(transactions()).toEqual([]);
  });

  test("one that lost a race is judged by what is there now", async () => {
    holds(stored(1), stored(1, { other: "problem-gambling" }));
    runHolds(storedRun(3));
    dynamo
      .on(TransactWriteItemsCommand)
      .rejectsOnce(cancelled("ConditionalCheckFailed"))
      .rejectsOnce(cancelled("None", "TransactionConflict"))
      .resolves({});
    expect(await store.vote(vote)).toMatchObject({ status: "agreed", counted: true });
    expect(transactions().map((items) => items?.length)).toEqual([1, 2, 2]);
  });

  test("one that loses every race is refused, to be sent again", async () => {
    holds(stored(1));
    dynamo.on(TransactWriteItemsCommand).rejects(cancelled("TransactionConflict"));
    await expect(store.vote(vote)).rejects.toMatchObject({ reason: "contended" });
    expect(transactions()).toHaveLength(4);
  });

  test("a task whose run is gone is resolved without it", async () => {
    holds(stored(1, { a: "problem-gambling" }));
    runHolds();
    dynamo.on(TransactWriteItemsCommand).rejectsOnce(cancelled("None", "ConditionalCheckFailed")).resolves({});
    expect(await store.vote(vote)).toEqual({ status: "agreed", counted: true, model: "m", runId: "r" });
    expect(transactions().map((items) => items?.length)).toEqual([2, 1]);
  });

  test("an error of DynamoDB is passed on", async () => {
    holds(stored(1));
    dynamo.on(TransactWriteItemsCommand).rejects(new Error("no"));
    await expect(store.vote(vote)).rejects.toThrow("no");
  });
});

describe("an operator's open tasks", () => {
  const key = (n: number) => ({ task: { S: id(n) }, queue: { S: "o" } });
  const queries = () => dynamo.commandCalls(QueryCommand).map(({ args }) => args[0].input);

  test("are those that the labeller has not answered, page by page", async () => {
    dynamo
      .on(QueryCommand)
      .resolvesOnce({ Items: [stored(1)], LastEvaluatedKey: key(5) })
      .resolvesOnce({ Items: [stored(6, { a: "cannot-tell" }), stored(7), stored(8)], LastEvaluatedKey: key(9) });
    const { tasks, next } = await store.openTasks("o", "me", { limit: 3, after: id(0) });
    expect(next).toBe(id(7));
    expect(tasks.map((each) => each.task)).toEqual([id(1), id(6), id(7)]);
    expect(tasks[1]).toEqual({ ...task(6), votes: 1, deadline: "2026-03-01T00:00:00Z" });
    expect(queries()).toMatchObject([
      {
        IndexName: "queue",
        FilterExpression: "attribute_not_exists(#votes.#labeller)",
        ExpressionAttributeNames: { "#labeller": "me" },
        ExpressionAttributeValues: { ":value": { S: "o" } },
        ExclusiveStartKey: key(0),
      },
      { ExclusiveStartKey: key(5) },
    ]);
    queries().forEach(complete);
  });

  test.each([
    ["the last page is full", { Items: [stored(1), stored(2)] }, undefined],
    ["a full page may not be the last", { Items: [stored(1), stored(2)], LastEvaluatedKey: key(3) }, id(2)],
    ["there are fewer", { Items: [stored(1)] }, undefined],
  ])("end where %s", async (_, page, next) => {
    dynamo.on(QueryCommand).resolves(page);
    expect((await store.openTasks("o", "me", { limit: 2 })).next).toBe(next);
    expect(queries()[0]).not.toHaveProperty("ExclusiveStartKey");
  });

  test("are not looked for without end", async () => {
    dynamo.on(QueryCommand).resolves({ Items: [], LastEvaluatedKey: key(3) });
    expect(await store.openTasks("o", "me", { limit: 2 })).toEqual({ tasks: [], next: id(3) });
    expect(queries()).toHaveLength(10);
  });

  test("are counted up to a limit", async () => {
    dynamo
      .on(QueryCommand)
      .resolvesOnce({ Count: 7 })
      .resolves({ Count: 10, LastEvaluatedKey: key(3) });
    expect(await store.countOpen("o", 10)).toEqual({ count: 7, more: false });
    expect(await store.countOpen("o", 10)).toEqual({ count: 10, more: true });
    expect(queries()[0]).toMatchObject({ Select: "COUNT", Limit: 10 });
  });
});

describe("runs and results", () => {
  const counters = {
    model: "m",
    runId: "r",
    asked: 9,
    open: 3,
    agreed: 1,
    disputed: 0,
    deadline: "2026-03-01T00:00:00Z",
  };

  test("a run is read with its token, if it waits", async () => {
    dynamo
      .on(GetItemCommand)
      .resolvesOnce({ Item: storedRun(3) })
      .resolvesOnce({ Item: storedRun(3, { token: { S: "t" } }) });
    expect(await store.run("m", "r")).toEqual(counters);
    expect(await store.run("m", "r")).toEqual({ ...counters, token: "t" });
    dynamo.on(GetItemCommand).resolves({});
    expect(await store.run("m", "r")).toBeUndefined();
  });

  test("runs that wait are a partition of their own", async () => {
    dynamo
      .on(QueryCommand)
      .resolvesOnce({ Items: [storedRun(3)], LastEvaluatedKey: { task: { S: "run#m#r" } } })
      .resolvesOnce({ Items: [storedRun(3)] });
    expect(await store.waitingRuns()).toEqual([counters, counters]);
    expect(dynamo.commandCalls(QueryCommand)[0]?.args[0].input).toMatchObject({
      ExpressionAttributeValues: { ":value": { S: "#runs" } },
    });
  });

  test("a closed run waits no more; one that there is not is not made", async () => {
    dynamo
      .on(UpdateItemCommand)
      .resolvesOnce({ Attributes: storedRun(3) })
      .rejects(refused);
    expect(await store.close("m", "r")).toEqual(counters);
    expect(await store.close("m", "r")).toBeUndefined();
    updates().forEach(complete);
  });

  test("states are read in batches, and again what was not processed", async () => {
    const states = (...numbers: number[]) => ({
      labels: numbers.map((n) => ({ ...texts({ task: id(n), status: "open" }) })),
    });
    dynamo
      .on(BatchGetItemCommand)
      .resolvesOnce({
        Responses: { labels: [{ ...texts({ task: id(0), status: "agreed", chosen: "lot" }), label: { N: "0" } }] },
        UnprocessedKeys: { labels: { Keys: [{ task: { S: id(1) } }] } },
      })
      .resolvesOnce({ Responses: states(1, 100) });
    const found = await store.tasks([...Array.from({ length: 101 }, (_, n) => id(n)), id(0)]);
    expect([...found]).toEqual([
      [id(0), { status: "agreed", label: 0, chosen: "lot" }],
      [id(1), { status: "open" }],
      [id(100), { status: "open" }],
    ]);
    const asked = dynamo.commandCalls(BatchGetItemCommand).map(({ args }) => args[0].input.RequestItems?.labels);
    expect(asked.map((request) => request?.Keys?.length)).toEqual([100, 2]);
    // What is not asked for is not there: a label whose record was chosen by lot would judge no model then.
    expect(asked[0]).toMatchObject({ ConsistentRead: true, ProjectionExpression: "#task, #status, #label, #chosen" });
    complete(asked[0] as object);
  });

  test("states that are never processed are an error", async () => {
    dynamo.on(BatchGetItemCommand).resolves({ UnprocessedKeys: { labels: { Keys: [{ task: { S: id(1) } }] } } });
    await expect(store.tasks([id(1)])).rejects.toThrow("DynamoDB processes no keys of a batch");
  });

  test("labels of a model are all there, page by page", async () => {
    const label = (n: number, value: string, chosen: Readonly<Record<string, string>>) => ({
      ...texts({ task: id(n), agreedAt: `t${n}`, ...chosen }),
      label: { N: value },
    });
    dynamo
      .on(QueryCommand)
      .resolvesOnce({ Items: [label(1, "1", { chosen: "lot" })], LastEvaluatedKey: { task: { S: id(1) } } })
      .resolvesOnce({ Items: [label(2, "0", { chosen: "uncertainty" }), label(3, "0", {})] });
    const labels = [];
    for await (const each of store.agreedLabels("m")) labels.push(each);
    expect(labels).toEqual([
      { task: id(1), label: 1, chosen: "lot", agreedAt: "t1" },
      { task: id(2), label: 0, chosen: "uncertainty", agreedAt: "t2" },
      // From before that was kept.
      { task: id(3), label: 0, chosen: "uncertainty", agreedAt: "t3" },
    ]);
    const [query] = dynamo.commandCalls(QueryCommand).map(({ args }) => args[0].input);
    expect(query).toMatchObject({ IndexName: "agreed", ExpressionAttributeValues: { ":value": { S: "m" } } });
    complete(query as object);
  });
});
