import type { EventDetail } from "../../../../contracts/events";
import { toAssessment } from "../../../../handlers/interventions/intervene/assessment";
import { createHandler } from "../../../../handlers/interventions/intervene/handler";
import { day, idOf } from "../../catalogue/interventions/arbitrary";
import { fakeTelemetry } from "../fakes";
import { fakePlayers } from "../lib/interventions/players";

const { telemetry, text } = fakeTelemetry();
const player = { operatorId: "a", playerId: "player-secret" };

type Assessed = EventDetail<"PlayerAssessed">;
type Prediction = Assessed["predictions"][number];

const prediction = (number: number, more: Partial<Prediction> = {}): Prediction => ({
  ...{ predictionId: idOf(number), model: `model-${number}`, modelVersion: "1", score: 0.5, reasons: [] },
  ...more,
});
const assessed = (number: number, more: Partial<Assessed> = {}): Assessed => ({
  ...{ version: 1, id: idOf(number), at: day(9), ...player, dataset: "gambling-behaviour", asOf: day(number) },
  predictions: [prediction(number, { riskGroup: "high", reasons: ["losses-chased"] })],
  ...more,
});
const message = (messageId: string, detail: unknown, more: object = {}) => ({
  messageId,
  body: JSON.stringify({ source: "vwt", "detail-type": "PlayerAssessed", detail, ...more }),
});

describe("evidence of an event", () => {
  test("has the most severe known risk, with its reasons, and the instant in UTC", () => {
    const predictions = [
      prediction(1, { riskGroup: "moderate", reasons: ["a"] }),
      prediction(2, { riskGroup: "severe", reasons: ["b", "c"], modelVersion: "2" }),
      prediction(3, { riskGroup: "unknown", missing: ["bets"] }),
      prediction(4, { score: 12, currency: "EUR", suppressed: { reason: "risk-high-or-above" } }),
    ];
    const event = assessed(1, { asOf: "2026-01-02T01:00:00+01:00", percentile: 99, predictions });
    expect(toAssessment(event)).toEqual({
      ...{ kind: "assessment", id: idOf(1), at: day(1), risk: "severe", knows: 2, reasons: ["b", "c"], percentile: 99 },
      version: "2",
      predictions: [
        { id: idOf(1), model: "model-1", modelVersion: "1", score: 0.5, risk: "moderate" },
        { id: idOf(2), model: "model-2", modelVersion: "2", score: 0.5, risk: "severe" },
        { id: idOf(3), model: "model-3", modelVersion: "1", score: 0.5, risk: "unknown" },
        // Who may not be marketed to has no score to be recalled.
        { id: idOf(4), model: "model-4", modelVersion: "1" },
      ],
    });
  });

  test("has unknown risk where no model tells any", () => {
    const predictions = [prediction(1, { modelVersion: "initial" })];
    expect(toAssessment(assessed(1, { predictions }))).toMatchObject({ risk: "unknown", version: "" });
  });

  test("is bounded, because a hundred of them are one item", () => {
    const reasons = Array.from({ length: 100 }, (_, place) => `${place}`.padEnd(100, "x"));
    expect(
      toAssessment(assessed(1, { predictions: [prediction(1, { riskGroup: "low", reasons })] })).reasons,
    ).toHaveLength(10);
    const predictions = Array.from({ length: 50 }, (_, number) => prediction(number));
    expect(() => toAssessment(assessed(1, { predictions }))).toThrow(/^an assessment of \d+ bytes cannot be kept$/);
  });
});

describe("a batch", () => {
  test("leads to each player's state, all of one at once", async () => {
    const { store, tables } = fakePlayers();
    const handler = createHandler({ telemetry, players: store });
    const other = { playerId: "player-other", predictions: [prediction(9, { riskGroup: "severe" })] };
    const Records = [message("1", assessed(2)), message("2", assessed(1)), message("3", assessed(3, other))];
    expect(await handler({ Records })).toEqual({ batchItemFailures: [] });
    expect(await store.read(player)).toMatchObject({ level: 2, since: day(1), assessments: [idOf(2)] });
    expect(await store.read({ ...player, playerId: "player-other" })).toMatchObject({ level: 3 });
    expect(tables.calls.TransactWriteItemsCommand).toBe(2);
    // Given again, it changes nothing.
    expect(await handler({ Records })).toEqual({ batchItemFailures: [] });
    expect(tables.calls.TransactWriteItemsCommand).toBe(2);
    expect(text()).toContain('"duplicate":3');
  });

  test.each<[string, object]>([
    ["is no JSON", { messageId: "bad", body: "{" }],
    ["is another event", message("bad", assessed(1), { "detail-type": "DeliveryFailed" })],
    ["is another's event", message("bad", assessed(1), { source: "aws.s3" })],
    ["lacks what an assessment has", message("bad", { ...assessed(1), predictions: [] })],
    ["has a player who is none", message("bad", { ...assessed(1), playerId: "John Doe" })],
  ])("gives back alone what %s, and says where without quoting", async (_, bad) => {
    const { store } = fakePlayers();
    const handler = createHandler({ telemetry, players: store });
    const { batchItemFailures } = await handler({ Records: [bad, message("good", assessed(1))] });
    expect(batchItemFailures).toEqual([{ itemIdentifier: "bad" }]);
    expect(await store.read(player)).toMatchObject({ level: 2 });
    expect(text()).toContain('"messageId":"bad"');
    expect(text()).not.toMatch(/player-secret|John Doe/);
  });

  test("gives back what could not be applied, and nothing else", async () => {
    const { store } = fakePlayers();
    const handler = createHandler({
      telemetry,
      players: {
        apply: (key, entries) => {
          if (key.playerId === "player-secret") throw new Error("player-secret");
          return store.apply(key, entries);
        },
      },
    });
    const Records = [
      message("1", assessed(1)),
      message("2", assessed(2)),
      message("3", assessed(3, { playerId: "other" })),
    ];
    const { batchItemFailures } = await handler({ Records });
    expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).sort()).toEqual(["1", "2"]);
    expect(text()).not.toContain("player-secret");
  });
});
