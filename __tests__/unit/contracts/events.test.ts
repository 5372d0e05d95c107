import { z } from "zod";
import type { Restrictions } from "../../../catalogue/interventions/restrictions";
import { EVENT_SOURCE } from "../../../contracts/bus";
import { EVENT_SCHEMAS, type EventDetail } from "../../../contracts/events";

const id = "0123456789abcdef0123456789abcdef";
const at = "2026-11-26T19:00:00.000Z";
const about = { version: 1, id, at, operatorId: "operator-a", playerId: "player-1" } as const;

const restrictions: Restrictions = {
  depositLimit: { amount: 200, currency: "EUR", days: 7 },
  message: { key: "high-risk", languages: ["en"] },
};

const assessed: EventDetail<"PlayerAssessed"> = {
  ...about,
  dataset: "gambling-behaviour",
  asOf: "2026-11-26T00:00:00+01:00",
  predictions: [
    { predictionId: id, model: "m", modelVersion: "1", score: 0.4, riskGroup: "high", reasons: ["losses-chased"] },
  ],
};

const decided: EventDetail<"InterventionDecided"> = {
  ...about,
  sequence: 1,
  cause: "assessment",
  level: 2,
  previousLevel: 0,
  restrictions,
  since: at,
  reasons: ["losses-chased"],
  assessments: [id],
  policy: { name: "cautious", version: 1 },
  audit: { sequence: 1, hash: id + id },
};

test("events of today are what their contracts say, and others are refused", () => {
  expect(EVENT_SOURCE).toMatch(/^[a-z.]+$/);
  expect(EVENT_SCHEMAS.PlayerAssessed.parse(assessed)).toEqual(assessed);
  expect(EVENT_SCHEMAS.InterventionDecided.parse(decided)).toEqual(decided);
  for (const wrong of [
    { ...assessed, version: 2 },
    { ...assessed, predictions: [] },
    { ...assessed, playerId: "a person" },
    { ...assessed, asOf: "yesterday" },
  ]) {
    expect(EVENT_SCHEMAS.PlayerAssessed.safeParse(wrong).success).toBe(false);
  }
});

test("a field that a later producer adds is no reason to refuse an event", () => {
  expect(EVENT_SCHEMAS.PlayerAssessed.parse({ ...assessed, later: true })).toEqual(assessed);
});

test.each(Object.entries(EVENT_SCHEMAS))("%s has a JSON Schema to be published", (_, schema) => {
  const json = z.toJSONSchema(schema, { io: "input" });
  expect(json).toMatchObject({ type: "object", required: expect.arrayContaining(["version", "id", "playerId"]) });
});
