import {
  BatchGetItemCommand,
  type BatchGetItemCommandInput,
  BatchWriteItemCommand,
  type BatchWriteItemCommandInput,
  DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import type { Model } from "../../../../../catalogue/models";
import { assessmentTable } from "../../../../../handlers/lib/predictions/assessment-table";
import {
  createHistory,
  type HistoryPorts,
  historyKey,
  NOTHING_RECALLED,
} from "../../../../../handlers/lib/predictions/history";
import { CallFailure } from "../../../../../handlers/lib/util/failure";

const DAY = 86_400;
const NOW = 1_800_000_000;

const SUPPRESSION = { model: "risk", from: "high" } as const;
const MODELS = [{ suppression: SUPPRESSION }, {}] as unknown as readonly Model[];
const named = (playerId: string, operatorId = "operator") => ({ operatorId, playerId });
const [A, B] = ["a", "b"].map((name) => historyKey(SUPPRESSION, named(name))) as [string, string];

/** A history over a table in memory, with the failures that it told and a clock to set. */
function inMemory(over: Partial<HistoryPorts> = {}, days = 30) {
  const table = new Map<string, number>();
  const failures: string[] = [];
  const clock = { seconds: NOW };
  const calls = { read: 0, write: 0 };
  const historyOf = createHistory(
    { days, budgetMs: 50, rules: new Map([["presuming", { consent: "presumed", suppressFrom: "moderate" }]]) },
    {
      standings: async () => [],
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
  const recall = (...names: readonly string[]) =>
    history.recall(
      names.map((name) => named(name)),
      MODELS,
    );
  return { table, failures, clock, calls, history, recall };
}

describe("history", () => {
  test("recalls what it was told for as many days, and no longer", async () => {
    const { history, recall, clock } = inMemory();
    await history.remember([A], NOTHING_RECALLED);
    expect((await recall("a", "b")).atRisk).toEqual(new Map([[A, NOW + 30 * DAY]]));
    clock.seconds += 30 * DAY - 1;
    expect((await recall("a")).atRisk).toEqual(new Map([[A, NOW + 30 * DAY]]));
    clock.seconds += 1;
    expect((await recall("a")).atRisk).toEqual(new Map());
  });

  test("writes a player who is found at risk again once a day", async () => {
    const { history, recall, clock, calls, table } = inMemory();
    await history.remember([A], NOTHING_RECALLED);
    clock.seconds += DAY;
    await history.remember([A], await recall("a"));
    expect(calls.write).toBe(1);
    clock.seconds += 1;
    await history.remember([A], await recall("a"));
    expect([calls.write, table.get(A)]).toEqual([2, NOW + 31 * DAY + 1]);
  });

  test("asks for nothing when there is nothing to ask", async () => {
    const standings = jest.fn(async () => []);
    const { history, recall, calls } = inMemory({ standings });
    expect(await recall()).toBe(NOTHING_RECALLED);
    expect(await history.recall([named("a")], [{} as Model])).toBe(NOTHING_RECALLED);
    await history.remember([], NOTHING_RECALLED);
    expect(calls).toEqual({ read: 0, write: 0 });
    expect(standings).not.toHaveBeenCalled();
  });

  test.each<[string, () => Promise<never>, string]>([
    ["fails", () => Promise.reject(new CallFailure("unavailable", "away")), "unavailable"],
    ["hangs", () => new Promise(() => {}), "timeout"],
    ["throws something else", () => Promise.reject(new Error("secret")), "refused"],
  ])("says that it cannot tell when reading %s, and rests before it tries again", async (_, read, kind) => {
    let asked = 0;
    const { recall, failures, clock } = inMemory({
      read: () => {
        asked += 1;
        return read();
      },
    });
    expect((await recall("a")).atRisk).toBeUndefined();
    clock.seconds += 4;
    expect((await recall("a")).atRisk).toBeUndefined();
    expect([asked, failures]).toEqual([1, [`read ${kind}`]]);
    clock.seconds += 1;
    expect((await recall("a")).atRisk).toBeUndefined();
    expect(asked).toBe(2);
  });

  test("tells of a write that failed, and tries the next nevertheless", async () => {
    const { history, failures } = inMemory({ write: () => Promise.reject(new CallFailure("throttled", "busy")) });
    await history.remember([A], NOTHING_RECALLED);
    await history.remember([B], { ...NOTHING_RECALLED, atRisk: undefined });
    expect(failures).toEqual(["write throttled", "write throttled"]);
  });
});

describe("marketing", () => {
  const standings: HistoryPorts["standings"] = async () => [
    { ...named("excluded"), standing: { stop: "self-exclusion", consent: true } },
    { ...named("restricted"), standing: { stop: "intervention", consent: true } },
    { ...named("at-risk"), standing: { stop: "risk", consent: true } },
    { ...named("consents"), standing: { consent: true } },
    { ...named("refuses", "presuming"), standing: { consent: false } },
  ];
  const marketingOf = async (ports: Partial<HistoryPorts>, player: ReturnType<typeof named>) =>
    (await inMemory(ports).history.recall([player], MODELS)).marketing(player);

  test.each([
    ["excluded", "operator", "self-excluded"],
    ["restricted", "operator", "intervention"],
    ["at-risk", "operator", "risk-high-or-above-lately"],
    ["consents", "operator", undefined],
    ["unheard-of", "operator", "no-consent"],
    ["unheard-of", "presuming", undefined],
    ["refuses", "presuming", "no-consent"],
    ["consents", "another operator", "no-consent"],
  ])("to a player who %s, of %s: %s", async (playerId, operatorId, withheld) => {
    const from = operatorId === "presuming" ? "moderate" : "high";
    expect(await marketingOf({ standings }, named(playerId, operatorId))).toEqual({
      from,
      ...(withheld && { withheld }),
    });
  });

  test("is withheld when nobody can tell, with or without consent", async () => {
    const away = async () => Promise.reject(new CallFailure("unavailable", "away"));
    const withheld = "marketing-status-unknown";
    expect(await marketingOf({ standings: away }, named("consents"))).toEqual({ from: "high", withheld });
    expect(await marketingOf({ standings: away }, named("a", "presuming"))).toEqual({ from: "moderate", withheld });
  });

  test("is looked up once a player, and by the stricter of the model's and the operator's rule", async () => {
    const [read, asked] = [jest.fn(async () => new Map()), jest.fn(standings)];
    const players = [named("a"), named("a"), named("a", "presuming")];
    await inMemory({ read, standings: asked }).history.recall(players, MODELS);
    expect(asked).toHaveBeenCalledWith([players[0], players[2]], expect.anything());
    const moderate = historyKey({ ...SUPPRESSION, from: "moderate" }, named("a", "presuming"));
    expect(read).toHaveBeenCalledWith([A, moderate], expect.anything());
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
