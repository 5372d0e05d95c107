import fc from "fast-check";
import {
  besides,
  combine,
  isSoft,
  lighterIn,
  type Restrictions,
  restricts,
  SELF_EXCLUDED,
} from "../../../../catalogue/interventions/restrictions";
import { anyRestrictions } from "./arbitrary";

const euros = (amount: number, days: number) => ({ amount, currency: "EUR", days });

describe("combined restrictions", () => {
  test("are lighter than neither in any dimension", () => {
    fc.assert(
      fc.property(anyRestrictions, anyRestrictions, (one, other) => {
        const both = combine(one, other);
        expect([lighterIn(both, one), lighterIn(both, other)]).toEqual([[], []]);
      }),
    );
  });

  test("are no stricter than what is as strict as both, and more of one makes none lighter", () => {
    fc.assert(
      fc.property(anyRestrictions, anyRestrictions, anyRestrictions, (one, other, third) => {
        expect(lighterIn(combine(combine(one, third), other), combine(one, other))).toEqual([]);
        expect(combine(one, one)).toEqual(one);
      }),
    );
  });

  test.each<[string, Restrictions, Restrictions, Restrictions]>([
    [
      "the least amount, within the most days",
      { depositLimit: euros(100, 7) },
      { depositLimit: euros(300, 30) },
      { depositLimit: euros(100, 30) },
    ],
    ["what only one has", { sessionMinutes: 30 }, { bonusStop: true }, { sessionMinutes: 30, bonusStop: true }],
    ["the longest pause", { coolOffHours: 24 }, { coolOffHours: 72 }, { coolOffHours: 72 }],
    ["nothing but self-exclusion", { selfExclusion: true }, { contact: true, sessionMinutes: 5 }, SELF_EXCLUDED],
  ])("have %s", (_, one, other, both) => {
    expect(combine(one, other)).toEqual(both);
    expect(combine(other, one)).toEqual(both);
  });

  test("are not guessed across currencies", () => {
    const [one, other] = ["EUR", "GBP"].map((currency) => ({ stakeLimit: { amount: 5, currency }, contact: true })) as [
      Restrictions,
      Restrictions,
    ];
    const lossLimit = euros(10, 7);
    expect(combine(one, { ...other, lossLimit })).toEqual({ ...one, lossLimit });
    expect(besides(one, { ...other, lossLimit })).toEqual({ stakeLimit: { amount: 5, currency: "GBP" } });
    expect(besides(one, one)).toEqual({});
    expect(() => lighterIn(one, other)).toThrow("limits in EUR and GBP cannot be compared");
  });
});

test("restrictions that are lighter name the dimension", () => {
  expect(lighterIn({ sessionMinutes: 60 }, { sessionMinutes: 30, contact: true })).toEqual([
    "sessionMinutes",
    "contact",
  ]);
  expect(lighterIn({ depositLimit: euros(100, 7) }, { depositLimit: euros(100, 30) })).toEqual(["depositLimit"]);
  expect(lighterIn({ contact: true }, SELF_EXCLUDED)).toEqual(["bonusStop", "marketingStop", "selfExclusion"]);
});

test.each<[Restrictions, boolean, boolean]>([
  [{}, false, false],
  [{ message: { key: "a", languages: ["en"] } }, true, false],
  [{ message: { key: "a", languages: ["en"] }, contact: true }, false, false],
  [{ message: { key: "a", languages: ["en"] }, marketingStop: true }, false, true],
  [{ stakeLimit: { amount: 5, currency: "EUR" } }, false, true],
])("%j is soft: %s, restricts: %s", (restrictions, soft, hard) => {
  expect([isSoft(restrictions), restricts(restrictions)]).toEqual([soft, hard]);
});
