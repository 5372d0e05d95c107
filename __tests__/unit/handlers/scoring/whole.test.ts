import { datasetNamed } from "../../../../catalogue/datasets";
import type { RecordIdentity } from "../../../../catalogue/datasets/kit/dataset";
import { type Model, models } from "../../../../catalogue/models";
import { layoutHash } from "../../../../catalogue/training/scaling";
import type { BusEvent } from "../../../../contracts/bus";
import { EVENT_SCHEMAS } from "../../../../contracts/events";
import { createHandler as createPredict } from "../../../../handlers/api/predict/handler";
import { createHandler as createPreprocess } from "../../../../handlers/api/preprocess/handler";
import type { HistoryPorts } from "../../../../handlers/lib/predictions/history";
import { createHandler as createExtract } from "../../../../handlers/scoring/extract-features/handler";
import { createHandler as createPick } from "../../../../handlers/scoring/pick-newest/handler";
import { createHandler as createPlan } from "../../../../handlers/scoring/plan-scoring/handler";
import { createHandler as createPublish } from "../../../../handlers/scoring/publish-scores/handler";
import { createHandler as createRank } from "../../../../handlers/scoring/rank-scores/handler";
import { createHandler as createSize } from "../../../../handlers/scoring/size-transform/handler";
import { FakeBuckets, fakeTelemetry } from "../fakes";

const NAME = "gambling-behaviour";
const NOW = Date.parse("2026-11-26T04:00:00Z");
const dataset = datasetNamed(NAME);
const own = models.filter((model) => model.dataset === NAME);
const perModel = new Map(own.map(({ name }) => [name, name]));
const money = { CURRENCY: "EUR", CURRENCY_RATES: new Map([["SEK", 0.1]]), OPERATOR_CURRENCIES: new Map() };
const { telemetry, metrics, text } = fakeTelemetry();
const buckets = new FakeBuckets();
const context = { getRemainingTimeInMillis: () => 900_000 };

/** What the models answer for a row: anything that only its features decide. */
const answerFor = ({ name }: Model, row: string): number => {
  const digits = [...row].reduce((sum, digit) => (sum * 31 + digit.charCodeAt(0)) % 997, 7) / 997;
  return name.endsWith("marketing") ? digits * 3 : digits ** 3;
};

const serving = async (name: string): Promise<string> => {
  const model = own.find((each) => each.name === name) as Model;
  return JSON.stringify({ modelVersion: "v1", modelName: `${name}-v1`, featureHash: layoutHash(model) });
};

/** Records of players: each three times, at instants in no order, and once in another currency. */
function records(players: number): RecordIdentity[] {
  const found = [...dataset.generate({ seed: 5, players, now: new Date(NOW).toISOString() })].map(
    ({ record }) => record,
  );
  return found.flatMap((record, index) => {
    const at = (hours: number) => new Date(Date.parse(record.asOf) + hours * 3_600_000).toISOString();
    return [
      { ...record, asOf: at(1), currency: "EUR" },
      { ...record, asOf: at(2), currency: index % 4 === 0 ? "SEK" : "EUR" },
      { ...record, asOf: at(0), currency: "EUR" },
    ];
  });
}

const newestOf = (all: readonly RecordIdentity[]): RecordIdentity[] => {
  const newest = new Map<string, RecordIdentity>();
  for (const record of all) {
    const key = JSON.stringify([record.operatorId, record.playerId]);
    const other = newest.get(key);
    if (other === undefined || Date.parse(record.asOf) > Date.parse(other.asOf)) newest.set(key, record);
  }
  return [...newest.values()];
};

function store(all: readonly object[], objects = 3): void {
  for (let part = 0; part < objects; part += 1) {
    const lines = all.filter((_, index) => index % objects === part).map((record) => JSON.stringify(record));
    buckets.store(`data/records/${part}.jsonl`, `${lines.join("\n")}\n`);
  }
}

type Ports = Omit<HistoryPorts, "now">;

/** Players remembered as at risk. */
function memory() {
  const remembered = new Map<string, number>();
  const assessments: Ports = {
    standings: async () => [],
    read: async (keys) =>
      new Map(keys.flatMap((key) => (remembered.has(key) ? [[key, remembered.get(key) as number]] : []))),
    write: async (keys, until) => {
      for (const key of keys) remembered.set(key, until);
    },
  };
  return { remembered, assessments };
}

/** Nobody has said anything of marketing. */
const consenting = new Map(
  ["operator-a", "operator-b", "operator-c"].map((id) => [id, { consent: "presumed", suppressFrom: "high" }] as const),
);

const environment = {
  DATA_BUCKETS: new Map([[NAME, "data"]]),
  SERVING_PARAMETERS: perModel,
  ...money,
  RISK_MEMORY_DAYS: 30,
  MARKETING_RULES: consenting,
};
const deps = { environment, telemetry, buckets: buckets.open };
const plan = createPlan({ ...deps, parameter: serving });
const extract = createExtract(dataset, deps);
const pick = createPick(deps);
const size = createSize(deps);
const rank = createRank(deps);

/** Does what SageMaker's batch transform does with the features of a run. */
async function transform(runId: string): Promise<void> {
  const data = buckets.open("data");
  for await (const { key } of data.list(`scoring/${runId}/features/`)) {
    const rows = (await data.text(key)).trimEnd().split("\n");
    for (const model of own) {
      const file = key.slice(key.lastIndexOf("/") + 1);
      const scores = rows.map((row) => `${answerFor(model, row)}\n`).join("");
      buckets.store(`data/scoring/${runId}/scores/${model.name}/${file}.out`, scores);
    }
  }
}

interface Options {
  readonly parts?: number;
  readonly assessments?: Ports;
  readonly put?: (events: readonly BusEvent[]) => Promise<readonly number[]>;
}

/** Runs a scoring as the state machine does; `parts` instead of those of the plan. */
async function score({ parts: wanted, assessments = memory().assessments, put }: Options = {}) {
  const startedAt = "2026-11-26T05:00:00.000Z";
  const planned = await plan({ dataset: NAME, execution: "e", startedAt });
  const { runId, models: scoring, date } = planned;
  const parts = wanted ?? planned.parts;
  const scored = { dataset: NAME, runId };
  for (const { keys } of JSON.parse(await buckets.open("data").text(planned.manifestKey))) {
    await extract({ ...scored, parts, keys }, context);
  }
  const every = Array.from({ length: parts }, (_, part) => part);
  for (const part of every) await pick({ ...scored, part }, context);
  const sized = await size({ ...scored, parts, date, toleratedRejectedShare: 0.05 });
  await transform(runId);
  await rank({ ...scored, parts, models: scoring });
  const events: BusEvent<"PlayerAssessed">[] = [];
  const take = async (given: readonly BusEvent[]) => {
    events.push(...(given as BusEvent<"PlayerAssessed">[]));
    return [];
  };
  const publish = createPublish({ ...deps, history: assessments, put: put ?? take, now: () => NOW });
  const publishPart = (part: number) => publish({ ...scored, part, date, startedAt, models: scoring }, context);
  const published = [];
  for (const part of every) published.push(await publishPart(part));
  return { planned, sized, events, published, publishPart };
}

/** Asks the request path about records, whose endpoints answer what the batch transform does. */
async function asked(given: readonly RecordIdentity[], assessments = memory().assessments) {
  const events: BusEvent<"PlayerAssessed">[] = [];
  const { featureHash, rows } = await createPreprocess(dataset, { environment: money, telemetry })({
    requestId: "r",
    records: given.map(({ outcome: _, ...record }: RecordIdentity & { outcome?: unknown }, index) => ({
      index,
      record,
    })),
  });
  const predict = createPredict({
    environment: {
      ENDPOINTS: perModel,
      SERVING_PARAMETERS: perModel,
      ENDPOINT_TIMEOUT_MS: 20_000,
      SERVING_FRESH_SECONDS: 300,
      RISK_MEMORY_DAYS: 30,
      MARKETING_RULES: consenting,
      CAPTURE_STREAMS: new Map(),
      CAPTURE_SHARE: 0,
      CAPTURE_SECRET: "",
    },
    telemetry,
    endpoints: {
      invoke: async (name, body) => {
        const model = own.find((each) => each.name === name) as Model;
        return body
          .split("\n")
          .map((row) => answerFor(model, row))
          .join("\n");
      },
      now: Date.now,
      pause: async () => {},
    },
    parameter: serving,
    put: async () => {},
    history: assessments,
    channels: [
      async (given) => {
        events.push(...(given as BusEvent<"PlayerAssessed">[]));
        return [];
      },
    ],
    now: () => NOW,
  });
  await predict({ requestId: "r", dataset: NAME, featureHash, rows });
  return events;
}

const without = ({ detail: { at: _, percentile: __, ...detail } }: BusEvent<"PlayerAssessed">) => detail;
const byId = (events: readonly BusEvent<"PlayerAssessed">[]) =>
  Object.fromEntries(events.map((event) => [event.detail.id, without(event)]));

beforeEach(() => buckets.reset());

describe("a scoring of all players", () => {
  test("tells of the newest record of each exactly what a request with it would", async () => {
    const all = records(40);
    store(all);
    const { events, sized, published } = await score({ parts: 3 });
    const expected = await asked(newestOf(all));
    expect(byId(events)).toEqual(byId(expected));
    expect(events).toHaveLength(40);
    expect(sized).toMatchObject({ players: 40, records: "0 of 120 records cannot be used" });
    expect(published.reduce((sum, { players }) => sum + players, 0)).toBe(40);
    for (const { detail } of events) EVENT_SCHEMAS.PlayerAssessed.parse(detail);
    // Some of each, or the comparison says little.
    const told = events.flatMap(({ detail }) => detail.predictions);
    expect(told.filter(({ suppressed }) => suppressed).length).toBeGreaterThan(3);
    expect(
      told.filter(({ currency, score: found }) => currency === "SEK" && found !== undefined).length,
    ).toBeGreaterThan(3);
    expect(metrics().filter((each) => "PlayersScored" in each)).toEqual(
      published.map(({ players }) => ({ dataset: NAME, PlayersScored: players })),
    );
    for (const { operatorId, playerId } of all) {
      expect(text()).not.toContain(playerId);
      expect(text()).not.toContain(operatorId);
    }
  });

  test("gives the same in however many parts, and again", async () => {
    store(records(12));
    const sorted = (events: readonly BusEvent<"PlayerAssessed">[]) =>
      [...events].sort((a, b) => (a.detail.id < b.detail.id ? -1 : 1));
    const { events: inSeven } = await score({ parts: 7 });
    const { events, publishPart } = await score({ parts: 1 });
    expect(sorted(inSeven)).toEqual(sorted(events));
    const file = () => buckets.puts.findLast(([, key]) => key.startsWith("scored/"))?.[2];
    const [before, published] = [file(), [...events]];
    await publishPart(0);
    expect(events.slice(published.length)).toEqual(published);
    expect(file()).toBe(before);
  });

  test("names nobody to the model, and keeps what it found in files of the day alone", async () => {
    store(records(8));
    buckets.store(`data/scored/${NAME}/date=2026-11-26/0009.jsonl`, "of an earlier run");
    const { planned, events } = await score({ parts: 2 });
    const written = buckets.puts.map(([, key, body]) => [key, body] as const);
    const features = written.filter(([key]) => key.includes("/features/"));
    expect(features.length).toBe(2);
    for (const [, body] of features) expect(body).toMatch(/^[-0-9.,enae+\n]+$/);
    const day: string[] = [];
    for await (const { key } of buckets.open("data").list("scored/")) day.push(key);
    expect(day).toEqual([0, 1].map((part) => `scored/${NAME}/date=${planned.date}/000${part}.jsonl`));
    const lines = (await Promise.all(day.map((key) => buckets.open("data").text(key)))).join("").trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual(events.map(({ detail }) => detail));
  });

  test("says which share of the operator's players has a lower score", async () => {
    store(records(60));
    const { events } = await score({ parts: 4 });
    const told = events.flatMap(({ detail: { operatorId, percentile, predictions } }) => {
      const found = predictions.find(({ riskGroup }) => riskGroup !== undefined)?.score;
      return found === undefined ? [] : [{ operatorId, percentile, score: found }];
    });
    for (const { operatorId, percentile, score: mine } of told) {
      const others = told.filter((each) => each.operatorId === operatorId);
      const lower = others.filter((each) => each.score < mine);
      expect(percentile).toBeCloseTo((100 * lower.length) / others.length, 10);
    }
    expect(told.length).toBeGreaterThan(30);
  });

  test("gives nobody marketing who must not be marketed to, as predict does", async () => {
    store(records(6));
    const assessments: Ports = {
      ...memory().assessments,
      standings: async (players) => players.map((player) => ({ ...player, standing: { stop: "self-exclusion" } })),
    };
    const { events } = await score({ assessments });
    const stakes = events.flatMap(({ detail }) => detail.predictions.filter(({ riskGroup }) => !riskGroup));
    expect(stakes.length).toBeGreaterThan(0);
    for (const stake of stakes) {
      expect(stake).toMatchObject({ suppressed: { reason: expect.stringMatching(/^(self-excluded|risk-)/) } });
      expect(stake).not.toHaveProperty("score");
    }
    expect(stakes.some(({ suppressed }) => suppressed?.reason === "self-excluded")).toBe(true);
  });

  test("remembers who is at risk, and suppresses marketing about whom predict remembers", async () => {
    const all = records(40);
    store(all);
    const [first, second] = [memory(), memory()];
    const { events } = await score({ assessments: first.assessments });
    expect(first.remembered.size).toBeGreaterThan(2);
    // Those whom nobody finds at risk in this scoring, and somebody did before.
    const everybody = {
      ...second.assessments,
      read: async (keys: readonly string[]) => new Map(keys.map((key) => [key, NOW])),
    };
    const { events: recalled } = await score({ assessments: everybody });
    const stakes = ({ detail }: BusEvent<"PlayerAssessed">) => detail.predictions.filter(({ riskGroup }) => !riskGroup);
    expect(events.flatMap(stakes).some(({ suppressed }) => suppressed === undefined)).toBe(true);
    expect(recalled.flatMap(stakes).every(({ suppressed }) => suppressed !== undefined)).toBe(true);
  });
});

describe("a scoring fails, naming what", () => {
  test("a part whose events the bus does not take", async () => {
    store(records(6));
    await expect(score({ put: async (events) => [...events.keys()].slice(2) })).rejects.toThrow(
      "the bus did not take 4 of 6 events; publish again",
    );
    expect(buckets.puts.filter(([, key]) => key.startsWith("scored/"))).toEqual([]);
  });

  test("a table of assessments that cannot be read, before anything is published", async () => {
    store(records(6));
    const put = jest.fn(async () => []);
    const assessments = {
      ...memory().assessments,
      read: async () => {
        throw new Error("ResourceNotFound");
      },
      write: async () => {},
    };
    await expect(score({ assessments, put })).rejects.toThrow("what is known of players cannot be had (read)");
    expect(put).not.toHaveBeenCalled();
  });

  test("scores that are fewer than the players", async () => {
    store(records(6));
    const { planned } = await score({ parts: 1 });
    const key = `data/scoring/${planned.runId}/scores/${own[0]?.name}/0000.csv.out`;
    buckets.store(key, "0.5\n");
    const input = { dataset: NAME, runId: planned.runId, parts: 1, models: planned.models };
    await expect(rank(input)).rejects.toThrow(`${own[0]?.name} answered 1 scores for 6 rows`);
  });

  test("records of which too many, or an object of which all, cannot be used", async () => {
    store([...records(6), { ...records(1)[0], dataset: "poker" }, { dataset: NAME }]);
    await expect(score()).rejects.toThrow(
      /^2 of 20 records cannot be used: .*pipeline\.toleratedRejectedShare is 0\.05/,
    );
    buckets.reset();
    store(records(40));
    buckets.store("data/records/9.jsonl", "PAR1");
    await expect(score()).rejects.toThrow("records/9.jsonl is Parquet");
  });
});

test("a model of other features is left out and told of; without any model there is no scoring", async () => {
  store(records(6));
  const stale = (names: readonly string[]) =>
    createPlan({
      ...deps,
      parameter: async (name) =>
        names.includes(name)
          ? JSON.stringify({ modelVersion: "v0", modelName: "m", featureHash: "old" })
          : serving(name),
    })({ dataset: NAME, execution: "e", startedAt: "2026-11-26T05:00:00Z" });
  const [risk, marketing] = own.map(({ name }) => name) as [string, string];
  const { models: left, leftOut } = await stale([marketing]);
  expect(left.map(({ model }) => model)).toEqual([risk]);
  expect(leftOut).toMatch(new RegExp(`^${marketing}: version v0 was trained on features old, the rows have `));
  await expect(stale([risk, marketing])).rejects.toThrow(`no model of ${NAME} can score: ${risk}: version v0`);
});

test("without records there is nothing to score, whatever serves", async () => {
  buckets.store("data/records/readme.txt", "hello");
  const planned = await plan({ dataset: NAME, execution: "e", startedAt: "2026-11-26T05:00:00Z" });
  expect(planned).toMatchObject({
    decision: "skip",
    reason: "no data under records/; only *.jsonl and *.jsonl.gz are read, ignored are 1 .txt (records/readme.txt)",
  });
  expect(buckets.puts).toEqual([]);
});
