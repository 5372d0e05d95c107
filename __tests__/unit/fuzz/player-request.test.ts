import fc from "fast-check";
import { ROUTES, type RoutesOf } from "../../../contracts/routes";
import { createHandler } from "../../../handlers/api/players/handler";
import { createTelemetry } from "../../../handlers/lib/util/telemetry";
import { knownPlayers } from "../handlers/api/known-players";
import { catchOutput } from "../handlers/output";
import { CANARY, damaged, mutated, written } from "./hostile-values";
import { fuzz } from "./runner";

const output = catchOutput();
const NOW = "2026-11-26T12:00:00.000Z";
const OWN = { operatorId: "operator-own", playerId: `${CANARY}-player` };
const OTHERS = { operatorId: "operator-other", playerId: `${CANARY}-player` };
const known = knownPlayers();
const clients = new Map([["key-1", [OWN.operatorId]]]);
const handler = createHandler({
  telemetry: createTelemetry("players", { ENVIRONMENT: "test", LOG_LEVEL: "INFO" }),
  store: known.store,
  clients,
  now: () => new Date(NOW),
});
let others: string;
let answered = 0;
const stateOfOthers = async () => JSON.stringify(await known.store.read(OTHERS));
beforeAll(async () => {
  for (const { operatorId, playerId } of [OWN, OTHERS]) await known.assess(operatorId, playerId, "severe", NOW);
  others = await stateOfOthers();
});

const NAMES = Object.entries(ROUTES).flatMap(([name, { by }]) =>
  by === "players" ? [name as RoutesOf<"players">] : [],
);
/** Mostly what a right request has, so that each of the others is alone with its fault. */
const mostly = <T>(right: T, wrong: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(right) }, { weight: 1, arbitrary: wrong });
const text = fc.oneof(
  fc.constantFrom("", "0", "101", "1e2", "__proto__", "%", "%2F", "..", "a|b", "2099-01-01T00:00:00Z"),
  fc.string({ maxLength: 300 }),
);
const declaration = {
  limits: { stakeLimit: { amount: 1, currency: "EUR" }, sessionMinutes: 30 },
  selfExclusion: { until: "2027-01-01T00:00:00Z" },
  marketingConsent: true,
};
const body = fc.oneof(
  fc.constant(null),
  mutated(declaration).map(({ value }) => written(value)),
  mutated({ text: CANARY }).map(({ value }) => written(value)),
  damaged(JSON.stringify(declaration)),
);

const event = fc.constantFrom(...NAMES).chain((name) =>
  fc.record({
    httpMethod: mostly<string>(ROUTES[name].method, fc.constantFrom("DELETE", "GET")),
    resource: mostly(`/${ROUTES[name].path}`, text),
    headers: fc.oneof(fc.constant(null), fc.dictionary(fc.constantFrom("If-None-Match", "x"), text)),
    isBase64Encoded: mostly(false, fc.constant(true)),
    body,
    pathParameters: mostly<Readonly<Record<string, string>> | null>(
      { playerId: OWN.playerId },
      fc.oneof(fc.constant(null), fc.record({ playerId: text })),
    ),
    queryStringParameters: mostly<Readonly<Record<string, string>> | null>(
      null,
      fc.dictionary(
        fc.constantFrom("operator", "limit", "after", "changedSince", "group", "x"),
        fc.oneof(text, fc.constant(OTHERS.operatorId)),
      ),
    ),
    requestContext: fc.record({
      requestId: fc.constant("request-1"),
      identity: mostly<{ apiKeyId?: string | null }>(
        { apiKeyId: "key-1" },
        fc.constantFrom({}, { apiKeyId: "__proto__" }),
      ),
    }),
  }),
);

fuzz("player request", {
  runs: 300,
  input: event as fc.Arbitrary<Parameters<typeof handler>[0]>,
  holds: async (sent) => {
    output.forget();
    const { statusCode, headers, body: answer } = await handler(sent);
    expect([200, 304, 400, 403, 404, 409, 413]).toContain(statusCode);
    expect(output.text()).not.toContain(CANARY);
    if (statusCode >= 400) {
      expect([headers["content-type"], JSON.parse(answer).status]).toEqual(["application/problem+json", statusCode]);
      expect(answer).not.toMatch(/canary|\.(ts|js):\d|Error/);
    }
    // Nothing that is sent with a key of one operator reaches a player of another.
    expect(answer).not.toContain(OTHERS.operatorId);
    answered += Number(statusCode === 200);
  },
});

afterAll(async () => {
  expect(await stateOfOthers()).toBe(others);
  // Or all were refused for one reason, and nothing was tried.
  expect(answered).toBeGreaterThan(50);
});
