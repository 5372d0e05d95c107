import fc from "fast-check";
import { POLICIES } from "../../../../catalogue/interventions/policies";
import { checked, needsReview, type Policy, wrongWith } from "../../../../catalogue/interventions/policy";
import { lighterIn } from "../../../../catalogue/interventions/restrictions";
import { RISK_GROUPS, riskGroup } from "../../../../catalogue/risk/risk";
import { acceptedPolicies } from "./arbitrary";

const { uk } = POLICIES;

test.each(Object.entries(POLICIES))("%s may be used, and is found by its own name", (name, policy) => {
  expect(wrongWith(policy)).toEqual([]);
  expect(policy.name).toBe(name);
});

test("whatever policy is accepted, a higher score never gives a lighter restriction in any dimension", () => {
  const score = fc.double({ min: 0, max: 1, noNaN: true });
  const thresholds = { moderate: 0.1, high: 0.3, severe: 0.6 };
  fc.assert(
    fc.property(acceptedPolicies, score, score, (policy, one, other) => {
      const of = (each: number) => policy.levels[policy.groups[riskGroup(each, thresholds)]]?.restrictions ?? {};
      expect(lighterIn(of(Math.max(one, other)), of(Math.min(one, other)))).toEqual([]);
    }),
  );
});

const [none, soft, hard, most] = uk.levels as [
  Policy["levels"][0],
  Policy["levels"][0],
  Policy["levels"][0],
  Policy["levels"][0],
];

test.each<[string, Partial<Policy>, string]>([
  ["a name that is none", { name: "The UK" }, "name must be lower case words"],
  ["no version", { version: 0 }, "version must be a whole number of at least 1"],
  ["no currency", { currency: "pounds" }, "currency must be an ISO 4217 code"],
  ["no lower assessments", { consecutive: 0 }, "consecutive must be a whole number"],
  ["no deadline", { review: { ...uk.review, deadlineHours: 0 } }, "review.deadlineHours must be"],
  ["a decision that stands for no time", { review: { ...uk.review, standsDays: 0.5 } }, "review.standsDays must be"],
  ["four eyes for nothing", { review: { ...uk.review, fourEyesFrom: 0 } }, "review.fourEyesFrom must be a level"],
  ["one level", { levels: [none] }, "levels must have from 2 to 10 entries"],
  ["something at level 0", { levels: [soft, soft, hard, most] }, "levels[0].restrictions must be empty"],
  [
    "a lighter level above",
    { levels: [none, hard, { ...hard, restrictions: { ...hard.restrictions, sessionMinutes: 90 } }, most] },
    "levels[2].restrictions.sessionMinutes must be at least as strict as that of level 1",
  ],
  [
    "a level that lacks what is below",
    { levels: [none, most, hard, most] },
    "levels[2].restrictions.coolOffHours must",
  ],
  [
    "another currency",
    { levels: [none, soft, { ...hard, restrictions: { stakeLimit: { amount: 1, currency: "EUR" } } }, most] },
    "levels[2].restrictions.stakeLimit.currency must be the policy's, GBP",
  ],
  [
    "a negative amount",
    {
      levels: [
        none,
        soft,
        hard,
        { ...most, restrictions: { ...most.restrictions, stakeLimit: { amount: -1, currency: "GBP" } } },
      ],
    },
    "levels[3].restrictions.stakeLimit.amount must be a number of at least 0",
  ],
  [
    "exclusion by the operator",
    { levels: [none, soft, hard, { ...most, restrictions: { ...most.restrictions, selfExclusion: true } }] },
    "levels[3].restrictions.selfExclusion must be left out",
  ],
  [
    "a group without its level",
    { groups: { ...uk.groups, severe: 4 } },
    "groups.severe must be a level of the policy, from 0 to 3",
  ],
  [
    "a worse group below",
    { groups: { ...uk.groups, high: 1, moderate: 2 } },
    "groups.high must be no lower than that of moderate, 2",
  ],
  ["something for low risk", { groups: { low: 1, moderate: 1, high: 2, severe: 3 } }, "groups.low must be 0"],
  ["nothing for anybody", { groups: { low: 0, moderate: 0, high: 0, severe: 0 } }, "groups.severe must be above 0"],
])("a policy with %s is refused", (_, change, message) => {
  expect(() => checked({ ...uk, ...change })).toThrow(message);
});

test("people look at whatever restricts, and at severe cases", () => {
  expect(uk.levels.map((_, level) => needsReview(uk, level))).toEqual([false, false, true, true]);
  const soft = {
    ...POLICIES["new-jersey"],
    levels: [none, none, none, { restrictions: { contact: true as const }, minimumDays: 1 }],
  };
  expect(RISK_GROUPS.map((group) => needsReview(soft, soft.groups[group]))).toEqual([false, false, false, true]);
});
