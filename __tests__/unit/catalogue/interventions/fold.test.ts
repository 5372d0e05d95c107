import fc from "fast-check";
import type { Decision, Declaration, Evidence } from "../../../../catalogue/interventions/evidence";
import {
  type EvidenceLog,
  enforcedAt,
  fold,
  KEPT,
  NO_EVIDENCE,
  type Outcome,
  type State,
  withEntry,
} from "../../../../catalogue/interventions/fold";
import { POLICIES } from "../../../../catalogue/interventions/policies";
import type { Rules } from "../../../../catalogue/interventions/policy";
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
  ...{ seen: "severe", reason: "mistaken", ...more },
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
    fc.record({ verdict: fc.constantFrom("change", "lift"), level: fc.nat(4), seen: fc.constantFrom(...RISK_GROUPS) }),
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
        (policy, risks, wait, raised, to, limits, holdOutShare, decided) => {
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
                const entry = assessment(number, at + number / 100, risk);
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
  test("ends everything else, whatever came before and comes meanwhile", () => {
    const during = evidenceOf({ minLength: 0, maxLength: 30 });
    fc.assert(
      fc.property(during, evidenceOf({ minLength: 0, maxLength: 20 }), (before, later) => {
        const earlier = before.map(
          (entry): Evidence => ({
            ...entry,
            id: `${entry.id.slice(1)}f`,
            at: day(Date.parse(entry.at) / 86_400_000 - 30_000),
          }),
        );
        const state = stateOf(
          [
            ...earlier,
            declaration(500, 20, { selfExclusion: { until: null } }),
            ...later.filter(({ at }) => at > day(20)),
          ],
          EUROS,
        );
        expect(state).toMatchObject({ level: 0, restrictions: SELF_EXCLUDED, marketingStop: "self-exclusion" });
        expect(state).not.toHaveProperty("review");
        expect(state).not.toHaveProperty("until");
      }),
      { numRuns: 50 },
    );
  });

  const excluded = [
    assessment(1, 0, "severe"),
    declaration(2, 10, { limits: { sessionMinutes: 20 }, selfExclusion: { until: day(100) } }),
  ];

  test("ends by itself and leaves the player's own limits", () => {
    const state = stateOf(excluded);
    expect(enforcedAt(state, day(99))).toEqual({ level: 0, since: day(10), restrictions: SELF_EXCLUDED });
    expect(enforcedAt(state, day(100))).toEqual({ level: 0, since: day(100), restrictions: { sessionMinutes: 20 } });
    const after = stateOf([...excluded, assessment(3, 100, "low")]);
    expect(after).toMatchObject({ level: 0, since: day(100), restrictions: { sessionMinutes: 20 } });
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

describe("a soft intervention", () => {
  const soft = assessment(1, 0, "moderate");

  test("is held back from the share of players, limits never", () => {
    const rules = rulesOf(POLICIES.uk, { holdOutShare: 1 });
    expect(stateOf([soft], rules)).toMatchObject({ level: 1, heldOut: true, restrictions: {} });
    const hard = stateOf([assessment(1, 0, "high")], rules);
    expect(hard).toMatchObject({ level: 2, restrictions: POLICIES.uk.levels[2]?.restrictions });
    expect(hard).not.toHaveProperty("heldOut");
    expect(stateOf([soft])).not.toHaveProperty("heldOut");
  });
});

describe("own limits", () => {
  test("are never loosened, whatever is asked for", () => {
    const limits = { sessionMinutes: 45, depositLimit: { amount: 20, currency: "GBP", days: 1 } };
    const { restrictions } = stateOf([declaration(1, 0, { limits }), assessment(2, 1, "severe")]);
    expect(restrictions).toEqual(combine(POLICIES.uk.levels[3]?.restrictions ?? {}, limits));
    expect(restrictions).toMatchObject({ sessionMinutes: 30, depositLimit: { amount: 20, days: 28 } });
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
