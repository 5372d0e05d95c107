import { POLICIES } from "../../../../../catalogue/interventions/policies";
import type { Rules } from "../../../../../catalogue/interventions/policy";
import { createPlayerStore } from "../../../../../handlers/lib/interventions/store";
import { FakeTables } from "../../fake-tables";

/** A store on tables in memory, at a time that tests move. */
export function fakePlayers(rules: Partial<Rules> = {}, random?: () => number) {
  const clock = { now: Date.parse("2026-06-01T00:00:00.000Z") };
  const tables = new FakeTables(
    {
      players: {
        ...{ hash: "player", range: "item" },
        indexes: {
          changed: { hash: "changedOperator", range: "changedAt" },
          reviews: { hash: "reviewOperator", range: "reviewDue" },
        },
      },
      audit: { hash: "operator", range: "sequence" },
    },
    random,
  );
  const all: Rules = {
    policy: POLICIES.uk,
    holdOutShare: 0,
    marketing: { consent: "presumed", suppressFrom: "high" },
    ...rules,
  };
  const store = createPlayerStore({
    client: tables.client,
    table: "players",
    rulesOf: () => all,
    now: () => clock.now,
    pause: async () => {},
  });
  return { store, tables, clock };
}

/** Numbers from 0 to 1 that are the same in every run. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
