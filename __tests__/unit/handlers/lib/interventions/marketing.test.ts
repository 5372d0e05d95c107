import fc from "fast-check";
import { POLICIES } from "../../../../../catalogue/interventions/policies";
import { CONSENTS } from "../../../../../catalogue/interventions/policy";
import { type Model, modelNamed } from "../../../../../catalogue/models";
import { RISK_GROUPS } from "../../../../../catalogue/risk/risk";
import type { EventDetail } from "../../../../../contracts/events";
import type { Prediction } from "../../../../../contracts/request-path";
import { toAssessment } from "../../../../../handlers/interventions/intervene/assessment";
import { playerAssessed } from "../../../../../handlers/lib/events/assessment";
import { marketingTable } from "../../../../../handlers/lib/interventions/marketing-table";
import { answerOf, assess } from "../../../../../handlers/lib/predictions/assess";
import { createHistory } from "../../../../../handlers/lib/predictions/history";
import { assessment, player } from "../../../catalogue/interventions/arbitrary";
import { fakePlayers } from "./players";

const [RISK, MARKETING] = ["gambling-behaviour-problem-gambling", "gambling-behaviour-marketing"].map((name) =>
  modelNamed(name),
) as [Model, Model];
const DAY = 86_400_000;

type Rule = { readonly consent: (typeof CONSENTS)[number]; readonly suppressFrom: (typeof RISK_GROUPS)[number] };

/** A store, and predictions by what it and the table of recent assessments know, which outlasts nothing here. */
function system(rules: Parameters<typeof fakePlayers>[0], rule: Rule) {
  const { store, tables, clock } = fakePlayers({ ...rules, marketing: rule });
  const history = createHistory(
    { days: 1, budgetMs: 10_000, rules: new Map([[player.operatorId, rule]]) },
    {
      // Nobody is remembered, so that the table of players is all that stops anything that this record does not.
      ...{ read: async () => new Map(), write: async () => {}, now: () => clock.now },
      standings: marketingTable(tables.client, "players"),
    },
  )((_, failure) => {
    throw failure;
  });
  const predict = async (number: number, score: number): Promise<readonly [Prediction, Prediction]> => {
    const asOf = new Date(clock.now).toISOString();
    const row = { ...player, index: 0, asOf, features: [number, null], markers: [] };
    const models = [RISK, MARKETING];
    const answers = [answerOf(RISK, "v1", [row], [score]), answerOf(MARKETING, "v1", [row], [31])];
    const of = { dataset: RISK.dataset, featureHash: "hash", rows: [row] };
    const { predictions } = assess(of, answers, await history.recall([row], models));
    return predictions as [Prediction, Prediction];
  };
  return { store, tables, clock, predict };
}

/** Predictions that the player's events recall. */
const recallsOf = async ({ store }: ReturnType<typeof system>): Promise<readonly string[]> =>
  (await store.history(player, { limit: 1000 })).items.flatMap(({ name, detail }) =>
    name === "MarketingSuppressed" ? (detail as EventDetail<"MarketingSuppressed">).recalls : [],
  );

test("a stop holds from the next prediction on, and ends with it", async () => {
  const { store, predict } = system({}, { consent: "declared", suppressFrom: "high" });
  const reason = async () => (await predict(1, 0.01))[1].suppressed?.reason;
  expect(await reason()).toBe("no-consent");
  await store.declare(player, { marketingConsent: true });
  expect(await reason()).toBeUndefined();
  await store.apply(player, [assessment(1, 151, "high")]);
  expect(await reason()).toBe("intervention");
  const { id } = (await store.read(player))?.review ?? { id: "" };
  await store.decideReview(player.operatorId, id, { verdict: "lift", by: "reviewer", reason: "mistaken" });
  // The last known risk is still what it was.
  expect(await reason()).toBe("risk-high-or-above-lately");
  await store.apply(player, [assessment(2, 160, "low")]);
  expect(await reason()).toBeUndefined();
  await store.declare(player, { selfExclusion: { until: null } });
  expect(await reason()).toBe("self-excluded");
});

test("what is kept for predictions is written when it changes, along with the state", async () => {
  const { store, tables } = system({}, { consent: "presumed", suppressFrom: "high" });
  const kept = () => tables.all("players").filter(({ item }) => item?.S === "marketing");
  await store.apply(player, [assessment(1, 0, "low")]);
  expect([kept(), tables.calls.TransactWriteItemsCommand ?? 0]).toEqual([[], 0]);
  await store.declare(player, { marketingConsent: false });
  const named = { player: { S: `${player.operatorId}|${player.playerId}` }, item: { S: "marketing" } };
  expect(kept()).toEqual([{ ...named, consent: { BOOL: false } }]);
  tables.beforeWrite = () => {
    throw new Error("no");
  };
  await expect(store.declare(player, { selfExclusion: { until: null } })).rejects.toThrow("no");
  expect(kept()).toEqual([{ ...named, consent: { BOOL: false } }]);
});

/** What happens next: what a record is scored, which of the events on their way arrives, what the player or a person says. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ score: fc.constantFrom(0.01, 0.01, 0.01, 0.15, 0.25, 0.5) }) },
  { weight: 5, arbitrary: fc.record({ arrives: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ marketingConsent: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ excludedDays: fc.option(fc.integer({ min: 1, max: 20 }), { freq: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ lifts: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ days: fc.integer({ min: 1, max: 30 }) }) },
);

test("whatever happens in whatever order, nobody gets marketing after a stop, and what was given before is recalled", async () => {
  let givenInAll = 0;
  const rule = fc.record({
    consent: fc.constantFrom(...CONSENTS),
    suppressFrom: fc.constantFrom(...RISK_GROUPS.slice(1)),
  });
  const steps = fc.array(step, { minLength: 10, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...Object.values(POLICIES)), rule, steps, async (policy, marketing, all) => {
      const players = system({ policy }, marketing);
      const { store, clock, predict } = players;
      const given = new Set<string>();
      const underWay: EventDetail<"PlayerAssessed">[] = [];
      const arrive = async (place: number) => {
        const [event] = underWay.splice(place % Math.max(1, underWay.length), 1);
        if (event) await store.apply(player, [toAssessment(event)]);
      };
      for (const [number, each] of all.entries()) {
        clock.now += 1000;
        if ("score" in each) {
          const state = await store.read(player);
          const predictions = await predict(number, each.score);
          const [, { predictionId, score }] = predictions;
          const stopped = state ? state.marketingStop : marketing.consent === "declared" && "consent";
          if (stopped) expect([stopped, score]).toEqual([stopped, undefined]);
          if (score !== undefined) given.add(predictionId);
          underWay.push(playerAssessed(predictions, new Date(clock.now)).detail);
        } else if ("arrives" in each) await arrive(each.arrives);
        else if ("marketingConsent" in each) await store.declare(player, each);
        else if ("excludedDays" in each) {
          const { excludedDays } = each;
          const until = excludedDays === null ? null : new Date(clock.now + excludedDays * DAY).toISOString();
          await store.declare(player, { selfExclusion: { until } });
        } else if ("days" in each) clock.now += each.days * DAY;
        else {
          const review = (await store.read(player))?.review?.id;
          const decision = { verdict: each.lifts ? "lift" : "confirm", by: "reviewer", reason: "seen" } as const;
          if (review) await store.decideReview(player.operatorId, review, decision);
        }
      }
      while (underWay.length > 0) await arrive(0);
      givenInAll += given.size;
      if ((await store.read(player))?.marketingStop) {
        const recalled = await recallsOf(players);
        expect([...given].filter((id) => !recalled.includes(id))).toEqual([]);
        expect(new Set(recalled).size).toBe(recalled.length);
      }
    }),
    { numRuns: 60 },
  );
  expect(givenInAll).toBeGreaterThan(20);
});
