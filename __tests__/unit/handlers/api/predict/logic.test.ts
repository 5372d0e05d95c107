import fc from "fast-check";
import { type Model, models } from "../../../../../catalogue/models";
import type { Suppression } from "../../../../../catalogue/risk/risk";
import { layoutHash } from "../../../../../catalogue/training/scaling";
import type { Lacks, PredictRequest } from "../../../../../contracts/request-path";
import { type ModelPorts, type PredictResult, predict } from "../../../../../handlers/api/predict/logic";
import type { Assessed } from "../../../../../handlers/api/predict/sinks";
import { predictionId } from "../../../../../handlers/lib/predictions/assess";
import {
  type History,
  historyKey,
  type Marketing,
  NOTHING_RECALLED,
} from "../../../../../handlers/lib/predictions/history";
import { CallFailure } from "../../../../../handlers/lib/util/failure";

const [risk, marketing] = ["gambling-behaviour-problem-gambling", "gambling-behaviour-marketing"].map((name) => {
  const model = models.find((each) => each.name === name);
  if (model === undefined) throw new Error(name);
  return model;
}) as [Model, Model];

const row = (index: number) => ({
  index,
  playerId: `player-${index}`,
  operatorId: "operator-1",
  asOf: "2026-11-01T00:00:00Z",
  features: [index, null],
  markers: ["night-play"],
});
const request = (...indices: number[]) => ({
  requestId: "r",
  dataset: "gambling-behaviour",
  featureHash: "hash",
  rows: indices.map(row),
});

type Answer = readonly number[] | Error;

function port(model: Model, answer: Answer, serving: object | Error = {}): ModelPorts {
  return {
    model,
    scores: async () => {
      if (answer instanceof Error) throw answer;
      return answer;
    },
    serving: async () => {
      if (serving instanceof Error) throw serving;
      return { modelVersion: "v1", featureHash: layoutHash(model, "hash"), ...serving };
    },
  };
}

test("both models answer every row in the contract's shape", async () => {
  const { predictions, errors } = await predict(request(4), [port(risk, [0.2]), port(marketing, [31.5])]);
  const common = {
    index: 4,
    playerId: "player-4",
    operatorId: "operator-1",
    dataset: "gambling-behaviour",
    modelVersion: "v1",
    featureHash: "hash",
    asOf: "2026-11-01T00:00:00Z",
    predictionId: expect.stringMatching(/^[0-9a-f]{32}$/),
  };
  expect(predictions).toEqual([
    { ...common, model: risk.name, score: 0.2, riskGroup: "moderate", horizonDays: 90, reasons: ["night-play"] },
    { ...common, model: marketing.name, score: 31.5, reasons: [] },
  ]);
  expect(errors).toEqual([]);
});

const stakeOf = async (ports: ModelPorts[], index = 0) =>
  (await predict(request(0, 1), ports)).predictions.find(
    (each) => each.model === marketing.name && each.index === index,
  );

test.each([
  [0.29, undefined],
  [0.3, "risk-high-or-above"],
  [1, "risk-high-or-above"],
  [Number.NaN, "risk-unknown"],
  [1.5, "risk-unknown"],
  [-0.1, "risk-unknown"],
])("marketing beside a risk score of %d: %s", async (score, reason) => {
  const prediction = await stakeOf([port(risk, [score, 0]), port(marketing, [31, 32])]);
  expect(prediction?.suppressed).toEqual(reason && { reason });
  expect(prediction !== undefined && "score" in prediction).toBe(reason === undefined);
});

test("suppression is by player: the other row keeps its score", async () => {
  expect(await stakeOf([port(risk, [0.9, 0]), port(marketing, [31, 32])], 1)).toMatchObject({ score: 32 });
});

describe("the worst recent assessment", () => {
  /** A history that begins with players remembered, or that nobody can read. */
  const historyOf = (atRisk: ReadonlyMap<string, number> | undefined) => {
    const remembered: string[] = [];
    const history: History = {
      recall: async () => ({ ...NOTHING_RECALLED, atRisk }),
      remember: async (keys) => void remembered.push(...keys),
    };
    return { history, remembered };
  };
  const key = (index: number) => historyKey(marketing.suppression as Suppression, row(index));
  const ask = (history: History, scores: readonly number[], rows = request(...scores.keys())) =>
    predict(
      rows,
      [
        port(risk, scores),
        port(
          marketing,
          scores.map(() => 31),
        ),
      ],
      history,
    );
  const suppressedIn = ({ predictions }: PredictResult) =>
    predictions.filter(({ model }) => model === marketing.name).map(({ suppressed }) => suppressed?.reason);

  test("counts: who was at risk lately gets no marketing, and keeps the risk of today", async () => {
    const { history } = historyOf(new Map([[key(0), 1]]));
    const outcome = await ask(history, [0.01, 0.01]);
    expect(suppressedIn(outcome)).toEqual(["risk-high-or-above-lately", undefined]);
    expect(outcome.predictions[0]).toMatchObject({ riskGroup: "low", score: 0.01 });
  });

  test("is the one of now where that is as bad, or not to be had", async () => {
    const { history } = historyOf(new Map([key(0), key(1)].map((each) => [each, 1])));
    expect(suppressedIn(await ask(history, [0.9, Number.NaN]))).toEqual(["risk-high-or-above", "risk-unknown"]);
  });

  test("counts within a request, whichever record comes first", async () => {
    const { history } = historyOf(new Map());
    const rows = { ...request(0, 1), rows: [row(0), { ...row(1), playerId: row(0).playerId }] };
    expect(suppressedIn(await ask(history, [0.01, 0.9], rows))).toEqual([
      "risk-high-or-above-lately",
      "risk-high-or-above",
    ]);
  });

  test("nobody gets marketing while nobody can tell", async () => {
    const { history } = historyOf(undefined);
    expect(suppressedIn(await ask(history, [0.01, 0.9]))).toEqual(["risk-history-unknown", "risk-high-or-above"]);
  });

  test("is remembered of those at or above the limit only, once each, before there is an answer", async () => {
    const { history, remembered } = historyOf(new Map());
    const rows = {
      ...request(0, 1, 2, 3),
      rows: [row(0), row(1), row(2), row(2)].map((r, index) => ({ ...r, index })),
    };
    await ask(history, [0.29, 0.3, 0.95, 0.95], rows);
    expect(remembered).toEqual([key(1), key(2)]);
  });

  test("is not made of what nobody could judge", async () => {
    const { history, remembered } = historyOf(new Map());
    const rows = { ...request(0), rows: [{ ...row(0), lacks: { [risk.name]: ["deposits"] } }] };
    await ask(history, [0.95], rows);
    expect(remembered).toEqual([]);
  });

  test("is looked up for the models that are asked", async () => {
    const recall = jest.fn(async () => NOTHING_RECALLED);
    await predict(request(0), [port(risk, [0.9])], { recall, remember: async () => {} });
    expect(recall).toHaveBeenCalledWith(request(0).rows, [risk]);
  });

  test("is held against the operator's rule where that is stricter, and what else withholds comes after it", async () => {
    const asked = async (marketing: Marketing, score: number) => {
      const { history, remembered } = historyOf(new Map());
      const recall = async () => ({ atRisk: new Map(), marketing: () => marketing });
      return [...suppressedIn(await ask({ ...history, recall }, [score])), remembered.length];
    };
    expect(await asked({ from: "moderate" }, 0.2)).toEqual(["risk-moderate-or-above", 1]);
    expect(await asked({ from: "severe" }, 0.3)).toEqual(["risk-high-or-above", 1]);
    expect(await asked({ from: "high", withheld: "no-consent" }, 0.3)).toEqual(["risk-high-or-above", 1]);
    expect(await asked({ from: "high", withheld: "no-consent" }, 0.2)).toEqual(["no-consent", 0]);
  });
});

describe("a record that lacks what the risk model needs", () => {
  const ask = (lacks: Lacks, score = 0.01) =>
    predict({ ...request(0), rows: [{ ...row(0), lacks }] }, [port(risk, [score]), port(marketing, [31])]);

  test.each([0, 0.29, 0.95])("has an unknown risk and no score, whatever the model made of it (%d)", async (score) => {
    const { predictions, errors } = await ask({ [risk.name]: ["deposits", "latest-days"] }, score);
    expect(errors).toEqual([]);
    expect(predictions).toMatchObject([
      { model: risk.name, riskGroup: "unknown", missing: ["deposits", "latest-days"], reasons: ["night-play"] },
      { model: marketing.name, suppressed: { reason: "risk-unknown", missing: ["deposits", "latest-days"] } },
    ]);
    for (const prediction of predictions) expect(prediction).not.toHaveProperty("score");
    expect(predictions[1]).not.toHaveProperty("missing");
  });

  test("a record that lacks the needs of marketing alone has its risk judged", async () => {
    const { predictions } = await ask({ [marketing.name]: ["bets"] });
    expect(predictions).toMatchObject([{ riskGroup: "low", score: 0.01 }, { missing: ["bets"] }]);
    expect(predictions[1]).not.toHaveProperty("score");
    expect(predictions[1]).not.toHaveProperty("suppressed");
  });

  test("a model does not tell what the record lacks of another model's needs", async () => {
    const { predictions } = await ask({ "another-model": ["bets"] });
    expect(predictions).toMatchObject([{ score: 0.01 }, { score: 31 }]);
  });
});

test.each([
  ["fails", port(risk, new CallFailure("timeout", "late"))],
  ["has no serving record", port(risk, [0, 0], new CallFailure("refused", "none"))],
  ["was trained on other features", port(risk, [0, 0], { featureHash: "other" })],
])("marketing is suppressed when the risk model %s", async (_, broken) => {
  const prediction = await stakeOf([broken, port(marketing, [31, 32])]);
  expect(prediction).toMatchObject({ suppressed: { reason: "risk-unknown" } });
  expect(prediction).not.toHaveProperty("score");
});

test("marketing is suppressed when the risk model is not deployed at all", async () => {
  expect(await stakeOf([port(marketing, [31, 32])])).toMatchObject({ suppressed: { reason: "risk-unknown" } });
});

test("no player at or above the limit ever gets a marketing score", async () => {
  const score = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.double(), fc.constantFrom(0.3, 0.2999999));
  await fc.assert(
    fc.asyncProperty(fc.array(score, { minLength: 1, maxLength: 8 }), fc.boolean(), async (scores, fails) => {
      const rows = request(...scores.keys());
      const risks = port(risk, fails ? new CallFailure("timeout", "late") : scores);
      const { predictions } = await predict(rows, [
        risks,
        port(
          marketing,
          scores.map(() => 20),
        ),
      ]);
      const given = predictions.filter(({ model, score: stake }) => model === marketing.name && stake !== undefined);
      const safe = scores.flatMap((value, index) => (!fails && value >= 0 && value < 0.3 ? [index] : []));
      expect(given.map(({ index }) => index)).toEqual(safe);
    }),
  );
});

test.each([
  ["timeout", true, "the model did not answer in time; send the record again"],
  ["throttled", true, "the model is busy; send the record again"],
  ["unavailable", true, "the model is not available; send the record again"],
  ["refused", false, "the model cannot answer"],
] as const)("a model's %s leaves the other's predictions", async (kind, retryable, message) => {
  const broken = port(marketing, new CallFailure(kind, "inside"));
  const { predictions, errors, failures } = await predict(request(7, 8), [port(risk, [0.1, 0.7]), broken]);
  expect(predictions).toMatchObject([
    { index: 7, riskGroup: "moderate" },
    { index: 8, riskGroup: "severe" },
  ]);
  expect(errors).toEqual(
    [7, 8].map((index) => ({ index, pointer: `/records/${index}`, message, model: marketing.name, retryable })),
  );
  expect(failures).toMatchObject([{ model: marketing.name, failure: { kind } }]);
});

test("a model trained on other features answers once it is retrained, and the log says which", async () => {
  const { predictions, errors, failures } = await predict(request(0), [port(risk, [0.1], { featureHash: "old" })]);
  expect(predictions).toEqual([]);
  expect(errors).toMatchObject([{ model: risk.name, retryable: true }]);
  expect(failures[0]?.failure.message).toBe("model version v1 was trained on features old, the rows have hash");
});

describe("what is recorded", () => {
  const recorded = async (rows: PredictRequest, ports: readonly ModelPorts[], lost: readonly number[] = []) => {
    const told: Assessed[] = [];
    const result = await predict(rows, ports, undefined, async (assessed) => {
      told.push(assessed);
      return new Set(lost);
    });
    return { ...result, told: told[0] as Assessed, times: told.length };
  };

  test("has of each row the scores that are scores, of models that may answer", async () => {
    const { told, times } = await recorded(request(4, 5), [port(risk, [0.9, 7]), port(marketing, [31, 32])]);
    expect([4, 5, 6].map((index) => told.scoresOf(row(index)))).toEqual([
      { [risk.name]: 0.9, [marketing.name]: 31 },
      { [marketing.name]: 32 },
      {},
    ]);
    expect(times).toBe(1);
    const none = [port(risk, [0.9], { featureHash: "old" }), port(marketing, new Error("x"))];
    expect((await recorded(request(4), none)).told.scoresOf(row(4))).toEqual({});
  });

  test("is what is answered, and what is lost says so in the answer", async () => {
    const ports = [port(risk, [0.9, 0.1]), port(marketing, [31, 32])];
    const { told, predictions } = await recorded(request(4, 5), ports, [5]);
    expect(told.predictions).toHaveLength(4);
    expect(predictions).toEqual(
      told.predictions.map((each) => (each.index === 5 ? { ...each, recorded: false } : each)),
    );
  });
});

test("a missing serving record explains more than the endpoint's failure", async () => {
  const broken = port(risk, new CallFailure("refused", "columns"), new CallFailure("throttled", "SSM is busy"));
  const { failures } = await predict(request(0), [broken]);
  expect(failures).toMatchObject([{ failure: { message: "SSM is busy" } }]);
});

test("a score that is none costs its own row only", async () => {
  const { predictions, errors } = await predict(request(0, 1, 2), [port(risk, [0.1, Number.POSITIVE_INFINITY, 0.2])]);
  expect(predictions.map(({ index }) => index)).toEqual([0, 2]);
  expect(errors).toMatchObject([{ index: 1, retryable: false }]);
});

test("an expected stake is told in the record's currency, a risk in none", async () => {
  const rows = [{ ...row(0), amounts: { code: "SEK", rate: 0.125 } }];
  const { predictions } = await predict({ ...request(0), rows }, [port(risk, [0.1]), port(marketing, [31])]);
  expect(predictions).toMatchObject([{ score: 0.1 }, { score: 248, currency: "SEK" }]);
  expect(predictions[0]).not.toHaveProperty("currency");
});

test("an expected stake may be above 1", async () => {
  const safe = port(risk, [0]);
  const { predictions } = await predict(request(0), [safe, port(marketing, [1e6])]);
  expect(predictions).toMatchObject([{ model: risk.name }, { model: marketing.name, score: 1e6 }]);
});

describe("prediction id", () => {
  const base = { operatorId: "o", playerId: "p", asOf: "2026-11-01T00:00:00Z", features: [1, null] };
  test("is the same for the same question", () => {
    expect(predictionId("m", "1", base)).toBe(predictionId("m", "1", { ...base, features: [1, null] }));
  });
  test.each(["2026-11-01T00:00:00.000Z", "2026-11-01T02:00:00+02:00", "2026-10-31T19:30:00-04:30"])(
    "is the same for the same instant written as %s",
    (asOf) => expect(predictionId("m", "1", { ...base, asOf })).toBe(predictionId("m", "1", base)),
  );
  test.each([
    ["model", "n", "1", base],
    ["version", "m", "2", base],
    ["operator", "m", "1", { ...base, operatorId: "x" }],
    ["player", "m", "1", { ...base, playerId: "x" }],
    ["instant", "m", "1", { ...base, asOf: "2026-11-01T00:00:00.001Z" }],
    ["features", "m", "1", { ...base, features: [1, 0] }],
    ["border of two parts", "m", "1", { ...base, operatorId: "op", playerId: "" }],
  ])("differs by %s", (_, model, version, row) => {
    expect(predictionId(model, version, row)).not.toBe(predictionId("m", "1", base));
  });
});
