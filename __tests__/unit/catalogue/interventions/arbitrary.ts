import fc from "fast-check";
import { type Assessment, type Evidence, type PlayerKey, VERDICTS } from "../../../../catalogue/interventions/evidence";
import { type Policy, type Rules, wrongWith } from "../../../../catalogue/interventions/policy";
import {
  combine,
  type DimensionName,
  type Restrictions,
  SELF_EXCLUDED,
} from "../../../../catalogue/interventions/restrictions";
import { RISK_GROUPS, type Risk } from "../../../../catalogue/risk/risk";

const amount = fc.nat(1000).map((value) => ({ amount: value, currency: "EUR" }));
const limit = fc
  .tuple(fc.nat(1000), fc.integer({ min: 1, max: 60 }))
  .map(([value, days]) => ({ amount: value, currency: "EUR", days }));
const flag = fc.constant(true as const);

/** Values of every dimension, so that a new one is tried too. */
const values: { readonly [D in DimensionName]: fc.Arbitrary<NonNullable<Restrictions[D]>> } = {
  depositLimit: limit,
  stakeLimit: amount,
  lossLimit: limit,
  sessionMinutes: fc.nat(600),
  coolOffHours: fc.integer({ min: 1, max: 500 }),
  bonusStop: flag,
  marketingStop: flag,
  message: fc.record({ key: fc.constantFrom("a", "b"), languages: fc.constant(["en"]) }),
  contact: flag,
  selfExclusion: flag,
};

const { selfExclusion: _, ...imposed } = values;

/** What a policy may ask for. */
export const imposedRestrictions: fc.Arbitrary<Restrictions> = fc.record(imposed, {
  requiredKeys: [],
  noNullPrototype: true,
});

export const anyRestrictions: fc.Arbitrary<Restrictions> = fc.oneof(
  { weight: 9, arbitrary: imposedRestrictions },
  { weight: 1, arbitrary: fc.constant(SELF_EXCLUDED) },
);

const { depositLimit, stakeLimit, lossLimit, sessionMinutes, coolOffHours } = values;

/** What players may set themselves. */
export const ownLimits = fc.record(
  { depositLimit, stakeLimit, lossLimit, sessionMinutes, coolOffHours },
  { requiredKeys: [], noNullPrototype: true },
);

/** Policies, of which the check accepts some: each level is most often built on the one below. */
const policies: fc.Arbitrary<Policy> = fc
  .record({
    levels: fc.array(fc.record({ restrictions: imposedRestrictions, minimumDays: fc.nat(40), built: fc.boolean() }), {
      minLength: 1,
      maxLength: 4,
    }),
    allBuilt: fc.boolean(),
    groups: fc.tuple(fc.nat(4), fc.nat(4), fc.nat(4)),
    sorted: fc.boolean(),
    consecutive: fc.integer({ min: 1, max: 4 }),
    standsDays: fc.integer({ min: 1, max: 30 }),
  })
  .map(({ levels, allBuilt, groups, sorted, consecutive, standsDays }) => {
    const built: Policy["levels"][number][] = [{ restrictions: {}, minimumDays: 0 }];
    for (const { restrictions, minimumDays, built: on } of levels) {
      const below = built.at(-1)?.restrictions ?? {};
      built.push({ restrictions: on || allBuilt ? combine(restrictions, below) : restrictions, minimumDays });
    }
    const [moderate, high, severe] = sorted ? groups.toSorted((one, other) => one - other) : groups;
    return {
      name: "any",
      version: 1,
      jurisdiction: "any",
      currency: "EUR",
      levels: built,
      groups: { low: 0, moderate: moderate ?? 0, high: high ?? 0, severe: severe ?? 0 },
      consecutive,
      review: { deadlineHours: 24, standsDays, fourEyesFrom: null },
    };
  });

export const acceptedPolicies = policies.filter((policy) => wrongWith(policy).length === 0);

export const player: PlayerKey = { operatorId: "operator-a", playerId: "player-1" };

export const rulesOf = (policy: Policy, more: Partial<Rules> = {}): Rules => ({
  policy,
  holdOutShare: 0,
  marketing: { consent: "presumed", suppressFrom: "high" },
  ...more,
});

const START = Date.parse("2026-01-01T00:00:00.000Z");
export const day = (days: number): string => new Date(START + days * 86_400_000).toISOString();
export const idOf = (number: number): string => number.toString(16).padStart(32, "0");

/** An assessment whose id is made of what it says, as its events' is. */
export function assessment(number: number, days: number, risk: Risk, more: Partial<Assessment> = {}): Assessment {
  const predictions = [
    { id: `${idOf(number).slice(1)}a`, model: "m", modelVersion: "1", score: 0.5, risk },
    { id: `${idOf(number).slice(1)}b`, model: "stakes", modelVersion: "1", score: 12 },
  ];
  return {
    kind: "assessment",
    id: idOf(number),
    at: day(days),
    risk,
    reasons: [`reason-${number}`],
    predictions,
    version: `${number % 3}`,
    knows: 1,
    ...more,
  };
}

const evidence = (number: number): fc.Arbitrary<Evidence> => {
  const days = fc.nat(200).map((half) => half / 2);
  const risk = fc.constantFrom<Risk>(...RISK_GROUPS, "unknown");
  const assessed = fc
    .tuple(days, risk, fc.constantFrom(1, 2))
    .map(([at, group, knows]) => assessment(number, at, group, { knows }));
  const entry = days.map((at) => ({ id: idOf(number), at: day(at) }));
  const decided = fc.tuple(entry, fc.constantFrom(...VERDICTS), fc.integer({ min: 0, max: 9 }), risk, risk).map(
    ([about, verdict, level, seen, held]): Evidence => ({
      ...{ ...about, kind: "decision", review: idOf(number), verdict, seen, held, reason: "because" },
      level: verdict === "lift" ? 0 : level,
    }),
  );
  const declared = fc
    .tuple(entry, fc.option(ownLimits), fc.option(fc.boolean()), fc.option(fc.option(days), { freq: 20 }))
    .map(
      ([about, limits, marketingConsent, until]): Evidence => ({
        ...{ ...about, kind: "declaration" },
        ...(limits && { limits }),
        ...(marketingConsent !== null && { marketingConsent }),
        ...(until !== null && number % 3 === 0 && { selfExclusion: { until: day(until) } }),
      }),
    );
  const contested = entry.map((about): Evidence => ({ ...about, kind: "contest" }));
  return fc.oneof(
    { weight: 12, arbitrary: assessed },
    { weight: 2, arbitrary: decided },
    { weight: 2, arbitrary: declared },
    { weight: 1, arbitrary: contested },
  );
};

/** A player's evidence, each entry with an id of its own, in no order. */
export const evidenceOf = (length: { readonly minLength: number; readonly maxLength: number }) =>
  fc
    .integer({ min: length.minLength, max: length.maxLength })
    .chain((count) => fc.tuple(...Array.from({ length: count }, (_, number) => evidence(number))));
