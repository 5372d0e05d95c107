import fc from "fast-check";
import type { Decision, Declaration, Evidence } from "../../../../catalogue/interventions/evidence";
import {
  type EvidenceLog,
  enforced,
  enforcedAt,
  fold,
  KEPT,
  NO_EVIDENCE,
  type Outcome,
  type State,
  withEntry,
} from "../../../../catalogue/interventions/fold";
import { POLICIES } from "../../../../catalogue/interventions/policies";
import type { Policy, Rules } from "../../../../catalogue/interventions/policy";
import { combine, lighterIn, SELF_EXCLUDED } from "../../../../catalogue/interventions/restrictions";
import { RISK_GROUPS, type Risk } from "../../../../catalogue/risk/risk";
import { acceptedPolicies, assessment, day, evidenceOf, idOf, ownLimits, player, rulesOf } from "./arbitrary";

/** The policy whose currency is that of arbitrary limits. */
const EUROS = rulesOf(POLICIES.cautious);

function folded(entries: readonly Evidence[], rules: Rules = rulesOf(POLICIES.uk)) {
  const outcomes: Outcome[] = [];
  let log: EvidenceLog = NO_EVIDENCE;
  for (const entry of entries) {
    const added = withEntry(log, entry, { rules, player });
    log = added.log;
    outcomes.push(added.outcome);
  }
  return { log, outcomes, state: fold(log, { rules, player }) as State };
}

const stateOf = (entries: readonly Evidence[], rules?: Rules): State => folded(entries, rules).state;
const placeOf = (entry: Evidence) => `${entry.at} ${entry.kind === "assessment" ? entry.version : " "} ${entry.id}`;
const inOrder = (entries: readonly Evidence[]) =>
  entries.toSorted((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1));

/** One a day from the day on, of these risks. */
const daily = (from: number, ...risks: readonly Risk[]) =>
  risks.map((risk, place) => assessment(1000 + from + place, from + place, risk));

const decision = (number: number, days: number, more: Partial<Decision>): Decision => ({
  ...{ kind: "decision", id: idOf(number), at: day(days), review: idOf(number), verdict: "lift", level: 0 },
  ...{ seen: "severe", held: "severe", reason: "mistaken", ...more },
});
const declaration = (number: number, days: number, more: Partial<Declaration>): Declaration => ({
  ...{ kind: "declaration", id: idOf(number), at: day(days), ...more },
});

test("nothing is known of a player without evidence", () => {
  expect(fold(NO_EVIDENCE, { rules: rulesOf(POLICIES.uk), player })).toBeUndefined();
});

describe("a level", () => {
  test("rises at once, and says why, since when and until when", () => {
    const [first, second] = [assessment(1, 0, "low"), assessment(2, 1.5, "severe")];
    expect(stateOf([first, second])).toMatchObject({
      level: 3,
      since: day(1.5),
      until: day(91.5),
      risk: "severe",
      riskAt: day(1.5),
      reasons: ["reason-2"],
      assessments: [second.id],
      restrictions: POLICIES.uk.levels[3]?.restrictions,
      policy: { name: "uk", version: 1 },
    });
  });

  test.each<[string, Evidence[], number]>([
    ["stays while its days are not over", [assessment(1, 0, "high"), ...daily(20, "low", "low", "low")], 2],
    ["stays while too few lower ones came", [assessment(1, 0, "high"), ...daily(40, "low", "low")], 2],
    ["falls once both are there", [assessment(1, 0, "high"), ...daily(26, "low", "low", "low")], 0],
    [
      "falls to what later ones still hold",
      [assessment(1, 0, "severe"), ...daily(89, "high", "high", "high", "low", "low")],
      2,
    ],
    [
      "counts a day's lower ones once",
      [assessment(1, 0, "high"), ...[0, 0.1, 0.2, 0.3].map((part, n) => assessment(n + 2, 40 + part, "low"))],
      2,
    ],
    [
      "begins anew with another at its height",
      [assessment(1, 0, "high"), ...daily(26, "low", "low", "high", "low", "low", "low")],
      2,
    ],
    ["does not fall by unknown risk", [assessment(1, 0, "high"), ...daily(40, "unknown", "unknown", "unknown")], 2],
    [
      "does not fall by what players say",
      [
        ...[assessment(1, 0, "high"), ...daily(25, "low", "low", "low")],
        declaration(9, 60, { marketingConsent: true }),
      ],
      2,
    ],
  ])("%s", (_, entries, level) => {
    expect(stateOf(entries).level).toBe(level);
  });

  test("is unknown risk's last known", () => {
    expect(stateOf([assessment(1, 0, "high"), assessment(2, 1, "unknown")])).toMatchObject({
      risk: "high",
      riskAt: day(0),
    });
    expect(stateOf([assessment(1, 0, "unknown")])).toMatchObject({ risk: "unknown", level: 0, since: day(0) });
  });
});

describe("more risk", () => {
  const groups = fc.array(fc.constantFrom(...RISK_GROUPS), { minLength: 1, maxLength: 40 });
  const gaps = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 40, maxLength: 40 });

  /** What a person may have decided before. */
  const decisions = fc.option(
    fc.record({
      verdict: fc.constantFrom("change", "lift"),
      level: fc.nat(4),
      seen: fc.constantFrom(...RISK_GROUPS),
      held: fc.constantFrom(...RISK_GROUPS),
    }),
  );

  test("never gives a lighter restriction in any dimension, at no time, also with own limits and after a decision", () => {
    fc.assert(
      fc.property(
        acceptedPolicies,
        groups,
        gaps,
        fc.nat(39),
        fc.constantFrom(...RISK_GROUPS),
        ownLimits,
        fc.double({ min: 0, max: 1, noNaN: true }),
        decisions,
        fc.array(fc.constantFrom(1, 2), { minLength: 40, maxLength: 40 }),
        (policy, risks, wait, raised, to, limits, holdOutShare, decided, knows) => {
          const rules = rulesOf(policy, { holdOutShare });
          const place = raised % risks.length;
          const higher =
            RISK_GROUPS.indexOf(to) > RISK_GROUPS.indexOf(risks[place] ?? "low") ? to : (risks[place] ?? "low");
          const series = (all: readonly Risk[]) => {
            let at = 0;
            return [
              declaration(999, -1, { limits }),
              ...all.flatMap((risk, number) => {
                at += wait[number] ?? 0;
                const entry = assessment(number, at + number / 100, risk, { knows: knows[number] ?? 1 });
                return decided && number === place ? [decision(998, at + number / 100 - 0.001, decided), entry] : entry;
              }),
            ];
          };
          const [lower, more] = [series(risks), series(risks.with(place, higher))];
          for (let length = 1; length <= more.length; length += 1) {
            const [one, other] = [stateOf(lower.slice(0, length), rules), stateOf(more.slice(0, length), rules)];
            expect(lighterIn(other.restrictions, one.restrictions)).toEqual([]);
            expect(lighterIn(other.restrictions, limits)).toEqual([]);
            expect(other.level).toBeGreaterThanOrEqual(one.level);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("the order in which evidence comes", () => {
  const shuffledOf = (entries: readonly Evidence[]) =>
    fc.shuffledSubarray([...entries, ...entries], { minLength: entries.length * 2, maxLength: entries.length * 2 });

  test("changes nothing, and neither does what comes twice", () => {
    const cases = evidenceOf({ minLength: 1, maxLength: KEPT }).chain((entries) =>
      fc.tuple(fc.constant(entries), shuffledOf(entries)),
    );
    fc.assert(
      fc.property(acceptedPolicies, cases, (policy, [entries, shuffled]) => {
        const rules = rulesOf(policy, { marketing: { consent: "declared", suppressFrom: "moderate" } });
        const { state, outcomes } = folded(shuffled, rules);
        expect(state).toEqual(stateOf(inOrder(entries), rules));
        expect(outcomes.filter((outcome) => outcome === "duplicate")).toHaveLength(entries.length);
      }),
      { numRuns: 60 },
    );
  });

  test(`changes nothing across the boundary of ${KEPT} entries, while fewer than ${KEPT} later ones came first`, () => {
    const cases = fc.tuple(
      evidenceOf({ minLength: KEPT + 20, maxLength: KEPT * 2 }),
      fc.array(fc.integer({ min: 0, max: KEPT - 1 }), { minLength: KEPT * 2, maxLength: KEPT * 2 }),
    );
    fc.assert(
      fc.property(cases, ([all, delays]) => {
        const entries = inOrder(all);
        // Who is delayed by so many places has at most so many later ones before it.
        const order = entries.map((entry, place) => ({ entry, place: place + (delays[place] ?? 0) }));
        const late = order.toSorted((one, other) => one.place - other.place).map(({ entry }) => entry);
        const one = folded(late, EUROS);
        expect(one.outcomes).not.toContain("stale");
        expect(one.state).toEqual(stateOf(entries, EUROS));
        // A second time all of them are known, or older than what is kept.
        const again = folded([...late, ...late], EUROS);
        expect(again.log).toEqual(one.log);
        expect(again.outcomes.slice(late.length).every((each) => each === "duplicate" || each === "stale")).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  test("lets newer models of one record have the last word", () => {
    const [newer, initial] = [
      assessment(1, 0, "high", { version: "20261126" }),
      assessment(2, 0, "low", { version: "" }),
    ];
    for (const entries of [
      [newer, initial],
      [initial, newer],
    ])
      expect(stateOf(entries)).toMatchObject({ risk: "high" });
  });

  test("is kept of what is late, which changes what it would have changed in time", () => {
    const { log, state, outcomes } = folded([assessment(2, 10, "low"), assessment(1, 5, "severe")]);
    expect(outcomes).toEqual(["taken", "late"]);
    expect(log.entries).toMatchObject([{ late: true }, { id: idOf(2) }]);
    expect(state).toMatchObject({ risk: "low", riskAt: day(10), level: 3, since: day(5) });
  });

  test("matters of what is older than everything that is kept: it changes nothing", () => {
    const entries = daily(10, ...Array.from({ length: KEPT + 1 }, () => "low" as const));
    const { outcomes, state } = folded([...entries, assessment(1, 5, "severe")]);
    expect(outcomes.at(-1)).toBe("stale");
    expect(state.level).toBe(0);
  });
});

describe("self-exclusion", () => {
  const [from, to] = [20.25, 60.25];
  const said = evidenceOf({ minLength: 0, maxLength: 40 }).map((all) =>
    all.filter((entry) => entry.kind !== "contest" && !("selfExclusion" in entry)),
  );

  test("takes the place of everything else while it lasts, and beneath it all goes on as without it", () => {
    fc.assert(
      fc.property(acceptedPolicies, said, fc.constantFrom(day(to), null), (policy, entries, until) => {
        const rules = rulesOf(policy);
        const exclusion = declaration(500, from, { selfExclusion: { until } });
        const during = stateOf([...entries.filter(({ at }) => at < day(to)), exclusion], rules);
        expect(enforcedAt(during, day(to - 0.01))).toEqual({
          ...{ level: 0, since: day(from), restrictions: SELF_EXCLUDED, reasons: [], assessments: [] },
          ...(until && { exclusionUntil: until }),
        });
        expect(during.marketingStop).toBe("self-exclusion");
        const without = ({ since: _, exclusion: __, ...state }: State) => ({
          ...state,
          ...{ recalled: [], marketingStop: undefined, lastMarketingStop: undefined },
        });
        const [excluded, never] = [stateOf([...entries, exclusion], rules), stateOf(entries, rules)];
        if (never) expect(without(excluded)).toEqual(without(never));
      }),
      { numRuns: 60 },
    );
  });

  const severe = assessment(1, 0, "severe");
  const limits = { sessionMinutes: 20 };
  const excluded = [severe, declaration(2, 10, { limits, selfExclusion: { until: day(100) } })];

  test("of however short a time erases neither intervention nor review, and what comes meanwhile counts", () => {
    const minute = declaration(2, 10, { selfExclusion: { until: day(10 + 1 / 1440) } });
    const before = stateOf([severe]);
    const after = stateOf([severe, minute, assessment(3, 11, "low")]);
    expect(after).toMatchObject({ level: 3, restrictions: before.restrictions, review: before.review });
    expect(after).not.toHaveProperty("exclusion");
    const meanwhile = stateOf([excluded[1] as Evidence, assessment(3, 20, "severe"), assessment(4, 101, "low")]);
    expect(meanwhile).toMatchObject({ level: 3, review: { openedAt: day(20) } });
  });

  test("ends by itself, and what it took the place of holds again", () => {
    const state = stateOf(excluded);
    expect(enforcedAt(state, day(99))).toMatchObject({ level: 0, since: day(10), restrictions: SELF_EXCLUDED });
    const beneath = {
      level: 3,
      since: day(100),
      restrictions: combine(POLICIES.uk.levels[3]?.restrictions ?? {}, limits),
    };
    expect(enforcedAt(state, day(100))).toMatchObject(beneath);
    expect(enforcedAt(state, day(100))).not.toHaveProperty("exclusionUntil");
    const after = stateOf([...excluded, assessment(3, 100, "low")]);
    expect(enforced(after)).toMatchObject(beneath);
    expect(after).not.toHaveProperty("exclusion");
  });

  test.each<[string, string | null, string | null]>([
    ["later", day(200), day(200)],
    ["earlier", day(50), day(100)],
    ["never", null, null],
    ["before now", day(1), day(100)],
  ])("is only prolonged: %s", (_, until, end) => {
    const state = stateOf([...excluded, declaration(3, 20, { selfExclusion: { until } })]);
    expect(state.exclusion).toEqual({ since: day(10), until: end });
  });
});

describe("people", () => {
  const severe = assessment(1, 0, "severe");

  test("must look at what restricts, and a contest opens what was closed", () => {
    const { review } = stateOf([severe]);
    expect(review).toMatchObject({ id: expect.stringMatching(/^[0-9a-f]{32}$/), openedAt: day(0), contested: false });
    const confirmed = stateOf([severe, decision(2, 1, { verdict: "confirm", level: 3 })]);
    expect(confirmed).toMatchObject({ level: 3, since: day(0) });
    expect(confirmed).not.toHaveProperty("review");
    const contest: Evidence = { kind: "contest", id: idOf(3), at: day(2) };
    const again = stateOf([severe, decision(2, 1, { verdict: "confirm", level: 3 }), contest]);
    expect(again.review).toMatchObject({ openedAt: day(2), contested: true });
    expect(again.review?.id).not.toBe(review?.id);
    expect(stateOf([severe, contest]).review).toEqual({ ...review, contested: true });
    expect(stateOf([assessment(1, 0, "low"), contest])).not.toHaveProperty("review");
  });

  test("lift a level, which stands against what they saw and not against more", () => {
    const lifted = [assessment(1, 0, "high"), decision(2, 1, { seen: "high" })];
    expect(stateOf(lifted)).toMatchObject({
      level: 0,
      since: day(1),
      reasons: ["mistaken"],
      until: day(29),
      restrictions: {},
    });
    expect(stateOf([...lifted, assessment(3, 2, "high")]).level).toBe(0);
    expect(stateOf([...lifted, assessment(3, 2, "severe")])).toMatchObject({ level: 3, review: { openedAt: day(2) } });
    // Their decision does not stand for ever.
    expect(stateOf([...lifted, assessment(3, 29, "high")])).toMatchObject({ level: 2, review: { openedAt: day(29) } });
  });

  test("decide against what they had not seen in vain", () => {
    expect(stateOf([severe, decision(2, 1, { seen: "moderate" })]).level).toBe(3);
  });

  test("raise a level, which lower assessments leave", () => {
    const raised = [assessment(1, 0, "moderate"), decision(2, 1, { verdict: "change", level: 3, seen: "moderate" })];
    expect(stateOf(raised)).toMatchObject({ level: 3, since: day(1), reasons: ["mistaken"] });
    expect(stateOf(raised)).not.toHaveProperty("review");
    expect(stateOf([...raised, assessment(3, 2, "high")]).level).toBe(3);
    expect(stateOf([...raised, assessment(3, 2, "low")]).level).toBe(3);
    expect(stateOf([...raised, assessment(3, 29, "low")]).level).toBe(1);
  });
});

describe("what a person lowered", () => {
  const lows = (from: number, to: number) => daily(from, ...Array.from({ length: to - from }, () => "low" as const));
  const atMost = (level: number, entries: readonly Evidence[], after: number) => {
    for (let length = after; length <= entries.length; length += 1)
      expect(stateOf(entries.slice(0, length)).level).toBeLessThanOrEqual(level);
  };

  test("does not come back by lower assessments, however long the decision is ago", () => {
    atMost(0, [assessment(1, 0, "severe"), decision(2, 1, {}), ...lows(2, 60)], 2);
    const change = decision(2, 1, { verdict: "change", level: 1 });
    atMost(1, [assessment(1, 0, "severe"), change, ...lows(2, 60)], 2);
  });

  test("does not come back by what the decision stood against, once it stands no more", () => {
    const lifted = [assessment(1, 0, "severe"), decision(2, 1, {}), assessment(3, 2, "severe")];
    atMost(0, [...lifted, ...lows(3, 60)], 2);
    expect(stateOf([...lifted, assessment(4, 29, "severe")])).toMatchObject({
      level: 3,
      review: { openedAt: day(29) },
    });
  });

  test("comes back as far as new evidence says, and no further", () => {
    const lifted = [assessment(1, 0, "severe"), ...lows(1, 20), decision(2, 20, { seen: "low" })];
    expect(stateOf([...lifted, assessment(3, 21, "moderate")]).level).toBe(1);
    expect(stateOf([...lifted, assessment(3, 21, "severe")]).level).toBe(3);
  });

  test("stays where a person had not seen it, because it came late", () => {
    const late = assessment(3, 0.5, "severe");
    const about = decision(2, 2, { seen: "low", held: "high" });
    const entries = [assessment(1, 0, "high"), assessment(4, 1, "low")];
    expect(stateOf([...entries, about])).toMatchObject({ level: 0 });
    expect(stateOf([...entries, about, late])).toMatchObject({ level: 3 });
  });

  test("never rises above the decision without evidence from after it", () => {
    const later = fc.array(fc.constantFrom<Risk>("low", "moderate", "unknown"), { maxLength: 60 });
    const before = fc.array(fc.constantFrom(...RISK_GROUPS), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(acceptedPolicies, before, later, fc.nat(3), (policy, risks, after, level) => {
        const rules = rulesOf(policy);
        const known = risks.map((risk, number) => assessment(number, number, risk));
        const { level: was, risk: seen, held = "unknown" } = stateOf(known, rules);
        const to = Math.min(level, was);
        const about = { verdict: to === 0 ? "lift" : "change", level: to, seen, held } as const;
        const entries = [...known, decision(900, risks.length - 0.5, about)];
        for (const [number, risk] of after.entries()) {
          entries.push(assessment(100 + number, risks.length + number, risk));
          const new_ = after.slice(0, number + 1).includes("moderate") ? policy.groups.moderate : 0;
          expect(stateOf(entries, rules).level).toBeLessThanOrEqual(Math.max(to, new_));
        }
      }),
      { numRuns: 60 },
    );
  });
});

test("no assessment raises a level above that of its own group, whatever a person decided", () => {
  const series = fc.array(fc.constantFrom<Risk>(...RISK_GROUPS, "unknown"), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(acceptedPolicies, series, fc.nat(39), fc.nat(4), (policy, risks, decided, level) => {
      const rules = rulesOf(policy);
      const entries: Evidence[] = [];
      for (const [number, risk] of risks.entries()) {
        const before = stateOf(entries, rules);
        entries.push(assessment(number, number, risk));
        const after = stateOf(entries, rules);
        expect(after.level).toBeLessThanOrEqual(
          Math.max(before?.level ?? 0, risk === "unknown" ? 0 : policy.groups[risk]),
        );
        if (number !== decided % risks.length) continue;
        const about = { verdict: "change", level, seen: after.risk, held: after.held ?? "unknown" } as const;
        entries.push(decision(900, number + 0.5, about));
      }
    }),
    { numRuns: 100 },
  );
});

test("nothing that holds changes because time passes, but the end of a self-exclusion", () => {
  fc.assert(
    fc.property(evidenceOf({ minLength: 1, maxLength: 30 }), fc.integer({ min: 100, max: 5000 }), (entries, days) => {
      const state = stateOf(inOrder(entries), EUROS);
      if (state.exclusion === undefined) expect(enforcedAt(state, day(days))).toEqual(enforced(state));
    }),
  );
});

describe("who knows less", () => {
  const initial = (number: number, days: number, risk: Risk) => assessment(number, days, risk, { knows: 1 });
  const behaviour = (number: number, days: number, risk: Risk) => assessment(number, days, risk, { knows: 2 });
  const three = (said: typeof initial) => [100, 101, 102].map((days) => said(days, days, "low"));

  test("does not count down what those said who know more", () => {
    const severe = behaviour(1, 0, "severe");
    expect(stateOf([severe, ...three(initial)])).toMatchObject({ level: 3 });
    expect(stateOf([severe, ...three(behaviour)])).toMatchObject({ level: 0 });
  });

  test("is lowered by those who know more, so that nobody stays at what was said before the first deposit", () => {
    expect(stateOf([initial(1, 0, "severe"), ...three(initial)])).toMatchObject({ level: 0 });
    expect(stateOf([initial(1, 0, "severe"), ...three(behaviour)])).toMatchObject({ level: 0, risk: "low" });
  });

  test("raises at once, and does not take the place of a higher risk for 90 days", () => {
    expect(stateOf([behaviour(1, 0, "low"), initial(2, 1, "high")])).toMatchObject({ level: 2, risk: "high" });
    expect(stateOf([behaviour(1, 0, "severe"), initial(2, 1, "low")])).toMatchObject({
      risk: "severe",
      riskAt: day(0),
    });
    expect(stateOf([behaviour(1, 0, "severe"), initial(2, 89, "low")])).toMatchObject({ risk: "severe" });
    expect(stateOf([behaviour(1, 0, "severe"), initial(2, 90, "low")])).toMatchObject({ risk: "low", level: 3 });
  });
});

describe("a cool-off", () => {
  const hours = (hour: number) => day(hour / 24);
  const own = (number: number, days: number, coolOffHours: number) =>
    declaration(number, days, { limits: { coolOffHours } });

  test("of the player's own begins with the declaration, whenever the level began", () => {
    expect(stateOf([assessment(1, 0, "low"), own(2, 30, 24)])).toMatchObject({ coolOffUntil: day(31), since: day(0) });
    const again = stateOf([own(1, 0, 24), own(2, 5, 24)]);
    expect(again).toMatchObject({ coolOffUntil: day(6), own: { limits: { coolOffHours: 24 } } });
  });

  test("is not ended by another declaration", () => {
    expect(stateOf([own(1, 0, 72), own(2, 1, 1)]).coolOffUntil).toBe(day(3));
    expect(stateOf([own(1, 0, 72), declaration(2, 1, { limits: {} })])).toMatchObject({ coolOffUntil: day(3) });
  });

  test("of a level begins with the rise, and the later one of both counts", () => {
    expect(stateOf([assessment(1, 0, "severe")]).coolOffUntil).toBe(hours(72));
    expect(stateOf([assessment(1, 0, "severe"), own(2, 0, 24)]).coolOffUntil).toBe(hours(72));
    expect(stateOf([assessment(1, 0, "severe"), own(2, 2, 48)]).coolOffUntil).toBe(hours(96));
    // A level without one has none, whatever there was.
    expect(stateOf([assessment(1, 0, "severe"), decision(2, 1, {})])).not.toHaveProperty("coolOffUntil");
  });

  test("does not begin anew with a fall", () => {
    const [zero, one, two, three] = POLICIES.uk.levels as [never, never, Policy["levels"][0], Policy["levels"][0]];
    const paused = { ...two, restrictions: { ...two.restrictions, coolOffHours: 24 } };
    const rules = rulesOf({ ...POLICIES.uk, levels: [zero, one, paused, three] });
    const lowered = decision(2, 50, { verdict: "change", level: 2 });
    expect(stateOf([assessment(1, 0, "severe"), lowered], rules)).toMatchObject({
      ...{ level: 2, since: day(50), coolOffUntil: hours(72) },
    });
  });
});

describe("a soft intervention", () => {
  const soft = assessment(1, 0, "moderate");

  test("is held back from the share of players, limits never", () => {
    const rules = rulesOf(POLICIES.uk, { holdOutShare: 1 });
    const held = stateOf([soft], rules);
    expect(held).toMatchObject({ level: 1, heldOut: true, restrictions: {} });
    // Nobody is told, so that nobody treats the player otherwise.
    expect(enforced(held)).toEqual({ level: 0, since: day(0), restrictions: {}, reasons: [], assessments: [] });
    const hard = stateOf([assessment(1, 0, "high")], rules);
    expect(hard).toMatchObject({ level: 2, restrictions: POLICIES.uk.levels[2]?.restrictions });
    expect(hard).not.toHaveProperty("heldOut");
    expect(stateOf([soft])).not.toHaveProperty("heldOut");
  });
});

describe("own limits", () => {
  test("are not loosened by an intervention, nor loosen one", () => {
    const limits = { sessionMinutes: 45, depositLimit: { amount: 20, currency: "GBP", days: 1 } };
    const { restrictions } = stateOf([declaration(1, 0, { limits }), assessment(2, 1, "severe")]);
    expect(restrictions).toEqual(combine(POLICIES.uk.levels[3]?.restrictions ?? {}, limits));
    expect(restrictions).toMatchObject({ sessionMinutes: 30, depositLimit: { amount: 20, days: 28 } });
  });

  const minutes = (number: number, days: number, sessionMinutes?: number) =>
    declaration(number, days, { limits: sessionMinutes === undefined ? {} : { sessionMinutes } });

  test.each<[string, Declaration[], object]>([
    ["tightened at once", [minutes(1, 0, 30), minutes(2, 0.1, 20)], { limits: { sessionMinutes: 20 } }],
    [
      "not taken away at once",
      [minutes(1, 0, 30), minutes(2, 1)],
      { limits: { sessionMinutes: 30 }, asked: { limits: {}, at: day(1) } },
    ],
    [
      "not loosened by asking twice within a day",
      [minutes(1, 0, 30), minutes(2, 1, 60), minutes(3, 1.9, 60)],
      { limits: { sessionMinutes: 30 }, asked: { limits: { sessionMinutes: 60 }, at: day(1) } },
    ],
    [
      "loosened once that is confirmed after a day",
      [minutes(1, 0, 30), minutes(2, 1, 60), minutes(3, 2, 60)],
      { limits: { sessionMinutes: 60 } },
    ],
    [
      "not loosened to what was not asked for a day ago",
      [minutes(1, 0, 30), minutes(2, 1, 60), minutes(3, 2, 90)],
      { limits: { sessionMinutes: 30 }, asked: { limits: { sessionMinutes: 90 }, at: day(2) } },
    ],
    [
      "kept where the player thinks better of it",
      [minutes(1, 0, 30), minutes(2, 1, 60), minutes(3, 1.5, 30)],
      { limits: { sessionMinutes: 30 } },
    ],
  ])("are %s", (_, entries, own) => {
    expect(stateOf(entries).own).toEqual(own);
  });

  test("are never looser within a day than they were, whatever is declared how often", () => {
    const declarations = fc.array(fc.tuple(ownLimits, fc.nat(1439)), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(declarations, (all) => {
        const entries = all
          .toSorted(([, one], [, other]) => one - other)
          .map(([limits, minute], number) => declaration(number, minute / 1440, { limits }));
        for (let length = 2; length <= entries.length; length += 1) {
          const [before, after] = [stateOf(entries.slice(0, length - 1)), stateOf(entries.slice(0, length))];
          // A cool-off goes by its end.
          const { coolOffHours: _, ...limits } = before.restrictions;
          expect(lighterIn(after.restrictions, limits)).toEqual([]);
          expect((after.coolOffUntil ?? "") >= (before.coolOffUntil ?? "")).toBe(true);
        }
      }),
    );
  });

  test("in another currency than a policy's that changed stand beside it, and no assessment fails", () => {
    const stakeLimit = { amount: 1, currency: "EUR" };
    const entries = [declaration(1, 0, { limits: { stakeLimit, sessionMinutes: 20 } }), assessment(2, 1, "severe")];
    const state = stateOf(entries, rulesOf(POLICIES.uk));
    expect(state).toMatchObject({
      restrictions: { stakeLimit: { amount: 2, currency: "GBP" }, sessionMinutes: 20 },
      ownLimits: { stakeLimit },
    });
    expect(stateOf(entries, EUROS)).not.toHaveProperty("ownLimits");
    expect(stateOf(entries.slice(0, 1))).toMatchObject({ restrictions: { stakeLimit } });
  });
});

describe("marketing", () => {
  const given = (number: number) => `${idOf(number).slice(1)}b`;

  test("stops with a rise in risk, and what was sent is recalled", () => {
    const before = stateOf(daily(0, "low", "low"));
    expect(before).toMatchObject({ recalled: [] });
    expect(before).not.toHaveProperty("marketingStop");
    const after = stateOf(daily(0, "low", "low", "high"));
    expect(after).toMatchObject({ marketingStop: "intervention", recalled: [1000, 1001, 1002].map(given) });
    const rules = rulesOf(POLICIES.uk, { marketing: { consent: "presumed", suppressFrom: "moderate" } });
    expect(stateOf(daily(0, "low", "moderate"), rules)).toMatchObject({ marketingStop: "risk" });
  });

  test.each<["declared" | "presumed", boolean | undefined, string | undefined]>([
    ["declared", undefined, "consent"],
    ["declared", true, undefined],
    ["declared", false, "consent"],
    ["presumed", undefined, undefined],
    ["presumed", false, "consent"],
  ])("with consent %s and the player's %s is stopped by %s", (consent, said, stop) => {
    const rules = rulesOf(POLICIES.uk, { marketing: { consent, suppressFrom: "high" } });
    const entries = [
      ...(said === undefined ? [] : [declaration(1, 0, { marketingConsent: said })]),
      assessment(2, 1, "low"),
    ];
    const state = stateOf(entries, rules);
    expect(state.marketingStop).toBe(stop);
    expect(state.recalled).toEqual(stop ? [given(2)] : []);
  });
});
