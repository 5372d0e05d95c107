import {
  BatchGetItemCommand,
  type BatchGetItemCommandInput,
  BatchWriteItemCommand,
  type BatchWriteItemCommandInput,
  DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import { assessmentTable } from "../../../../../handlers/lib/predictions/assessment-table";
import { createHistory, type HistoryPorts, historyKey } from "../../../../../handlers/lib/predictions/history";
import { CallFailure } from "../../../../../handlers/lib/util/failure";

const DAY = 86_400;
const NOW = 1_800_000_000;

/** A history over a table in memory, with the failures that it told and a clock to set. */
function inMemory(over: Partial<HistoryPorts> = {}, days = 30) {
  const table = new Map<string, number>();
  const failures: string[] = [];
  const clock = { seconds: NOW };
  const calls = { read: 0, write: 0 };
  const historyOf = createHistory(
    { days, budgetMs: 50 },
    {
      read: async (keys) => {
        calls.read += 1;
        return new Map(keys.flatMap((key) => (table.has(key) ? [[key, table.get(key) as number]] : [])));
      },
      write: async (keys, until) => {
        calls.write += 1;
        for (const key of keys) table.set(key, until);
      },
      now: () => clock.seconds * 1000,
      ...over,
    },
  );
  const history = historyOf((step, { kind }) => failures.push(`${step} ${kind}`));
  return { table, failures, clock, calls, history };
}

describe("history", () => {
  test("recalls what it was told for as many days, and no longer", async () => {
    const { history, clock } = inMemory();
    await history.remember(["a"], new Map());
    expect(await history.recall(["a", "b"])).toEqual(new Map([["a", NOW + 30 * DAY]]));
    clock.seconds += 30 * DAY - 1;
    expect(await history.recall(["a"])).toEqual(new Map([["a", NOW + 30 * DAY]]));
    clock.seconds += 1;
    expect(await history.recall(["a"])).toEqual(new Map());
  });

  test("writes a player who is found at risk again once a day", async () => {
    const { history, clock, calls, table } = inMemory();
    await history.remember(["a"], new Map());
    clock.seconds += DAY;
    await history.remember(["a"], await history.recall(["a"]));
    expect(calls.write).toBe(1);
    clock.seconds += 1;
    await history.remember(["a"], await history.recall(["a"]));
    expect([calls.write, table.get("a")]).toEqual([2, NOW + 31 * DAY + 1]);
  });

  test("asks for nothing when there is nothing to ask", async () => {
    const { history, calls } = inMemory();
    expect(await history.recall([])).toEqual(new Map());
    await history.remember([], undefined);
    expect(calls).toEqual({ read: 0, write: 0 });
  });

  test.each<[string, () => Promise<never>, string]>([
    ["fails", () => Promise.reject(new CallFailure("unavailable", "away")), "unavailable"],
    ["hangs", () => new Promise(() => {}), "timeout"],
    ["throws something else", () => Promise.reject(new Error("secret")), "refused"],
  ])("says that it cannot tell when reading %s, and rests before it tries again", async (_, read, kind) => {
    let asked = 0;
    const { history, failures, clock } = inMemory({
      read: () => {
        asked += 1;
        return read();
      },
    });
    expect(await history.recall(["a"])).toBeUndefined();
    clock.seconds += 4;
    expect(await history.recall(["a"])).toBeUndefined();
    expect([asked, failures]).toEqual([1, [`read ${kind}`]]);
    clock.seconds += 1;
    expect(await history.recall(["a"])).toBeUndefined();
    expect(asked).toBe(2);
  });

  test("tells of a write that failed, and tries the next nevertheless", async () => {
    const { history, failures } = inMemory({ write: () => Promise.reject(new CallFailure("throttled", "busy")) });
    await history.remember(["a"], new Map());
    await history.remember(["b"], undefined);
    expect(failures).toEqual(["write throttled", "write throttled"]);
  });
});

test("a key is of the suppression and the player, and says nothing of them", () => {
  const player = { operatorId: "operator", playerId: "player" };
  const suppression = { model: "model", from: "high" } as const;
  const key = historyKey(suppression, player);
  expect(key).toMatch(/^[0-9a-f]{32}$/);
  expect(historyKey({ ...suppression }, { ...player })).toBe(key);
  const others = [
    historyKey({ ...suppression, model: "other" }, player),
    historyKey({ ...suppression, from: "severe" }, player),
    historyKey(suppression, { ...player, operatorId: "other" }),
    historyKey(suppression, { ...player, playerId: "other" }),
    historyKey(suppression, { operatorId: "operator.player", playerId: "" }),
  ];
  expect(new Set([key, ...others]).size).toBe(6);
});

describe("table of assessments", () => {
  const dynamodb = mockClient(DynamoDBClient);
  const table = assessmentTable(new DynamoDBClient({ region: "eu-west-1" }), "assessments");
  const { signal } = new AbortController();
  const many = (count: number) => Array.from({ length: count }, (_, index) => `key-${index}`);
  beforeEach(() => dynamodb.reset());
  const keysOf = (input: BatchGetItemCommandInput) => input.RequestItems?.assessments?.Keys ?? [];
  const putsOf = (input: BatchWriteItemCommandInput) => input.RequestItems?.assessments ?? [];

  test("is read in batches of as many keys as DynamoDB takes, each sees what was written before", async () => {
    dynamodb.on(BatchGetItemCommand).callsFake((input: BatchGetItemCommandInput) => ({
      Responses: {
        assessments: keysOf(input)
          .slice(0, 1)
          .map((key) => ({ ...key, expiresAt: { N: "17" } })),
      },
    }));
    expect(await table.read(many(230), signal)).toEqual(
      new Map([
        ["key-0", 17],
        ["key-100", 17],
        ["key-200", 17],
      ]),
    );
    const inputs = dynamodb.commandCalls(BatchGetItemCommand).map(({ args }) => args[0].input);
    expect(inputs.map((input) => keysOf(input).length)).toEqual([100, 100, 30]);
    for (const input of inputs) expect(input.RequestItems?.assessments?.ConsistentRead).toBe(true);
  });

  test("is written in batches of as many items as DynamoDB takes", async () => {
    dynamodb.on(BatchWriteItemCommand).resolves({});
    await table.write(many(60), 99, signal);
    const inputs = dynamodb.commandCalls(BatchWriteItemCommand).map(({ args }) => args[0].input);
    expect(inputs.map((input) => putsOf(input).length)).toEqual([25, 25, 10]);
    expect(putsOf(inputs[2] as BatchWriteItemCommandInput).at(-1)).toEqual({
      PutRequest: { Item: { player: { S: "key-59" }, expiresAt: { N: "99" } } },
    });
  });

  test("items that DynamoDB left undone are asked for again", async () => {
    const Item = { player: { S: "a" }, expiresAt: { N: "5" } };
    dynamodb
      .on(BatchGetItemCommand)
      .resolvesOnce({ UnprocessedKeys: { assessments: { Keys: [{ player: { S: "a" } }] } } })
      .resolves({ Responses: { assessments: [Item] } });
    expect(await table.read(["a", "b"], signal)).toEqual(new Map([["a", 5]]));
    expect(dynamodb.commandCalls(BatchGetItemCommand)).toHaveLength(2);
  });

  test("items that it never does are a failure, and no empty answer", async () => {
    const Keys = [{ player: { S: "a" } }];
    dynamodb.on(BatchGetItemCommand).resolves({ UnprocessedKeys: { assessments: { Keys } } });
    await expect(table.read(["a"], signal)).rejects.toMatchObject({ kind: "throttled" });
    dynamodb.on(BatchGetItemCommand).rejects(Object.assign(new Error("of a player"), { name: "AccessDenied" }));
    await expect(table.read(["a"], signal)).rejects.toMatchObject({ kind: "refused", message: "AccessDenied" });
  });
});
