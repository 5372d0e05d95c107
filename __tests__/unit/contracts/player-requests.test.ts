import Ajv from "ajv";
import fc from "fast-check";
import { contest, decision, declaration, instant, PLAYER_SCHEMAS } from "../../../contracts/player-requests";
import { hostileValue, mutated } from "../fuzz/hostile-values";

const PARSERS = { declaration, contest, decision };
const RIGHT: Readonly<Record<keyof typeof PARSERS, object>> = {
  declaration: {
    limits: {
      depositLimit: { amount: 100, currency: "EUR", days: 7 },
      stakeLimit: { amount: 0.5, currency: "EUR" },
      lossLimit: { amount: 0, currency: "EUR", days: 365 },
      sessionMinutes: 0,
      coolOffHours: 8_760,
    },
    selfExclusion: { until: "2027-01-01T00:00:00.5+01:00" },
    marketingConsent: false,
  },
  contest: { text: "I won this month" },
  decision: { decision: "change", level: 9, reason: "seen-with-documents", note: "…" },
};

const accepts = (parser: (value: unknown) => unknown, value: unknown): boolean => {
  try {
    parser(value);
    return true;
  } catch {
    return false;
  }
};

test.each(Object.keys(PARSERS) as (keyof typeof PARSERS)[])("%s is checked as it is published", (name) => {
  const { $schema: _, ...schema } = PLAYER_SCHEMAS[name];
  const fits = new Ajv({ strict: false }).compile(schema);
  const agree = (value: unknown) => expect([value, accepts(PARSERS[name], value)]).toEqual([value, fits(value)]);
  agree(RIGHT[name]);
  agree({});
  expect(accepts(PARSERS[name], RIGHT[name])).toBe(true);
  fc.assert(
    fc.property(mutated(RIGHT[name]), ({ value }) => agree(JSON.parse(JSON.stringify(value) ?? "null"))),
    {
      numRuns: 100,
    },
  );
  fc.assert(
    fc.property(hostileValue, (value) => agree(JSON.parse(JSON.stringify(value) ?? "null"))),
    { numRuns: 30 },
  );
});

test("instants become such that compare as texts", () => {
  expect(instant("2026-11-26T12:00:00+01:00")).toBe("2026-11-26T11:00:00.000Z");
  for (const none of [
    "2026-02-30T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-11-26T25:00:00Z",
    "2026-11-26T12:00:00",
    7,
  ]) {
    expect(accepts(instant, none)).toBe(false);
  }
});
