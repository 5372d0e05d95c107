import { createHash } from "node:crypto";
import { POLICIES } from "../../../../catalogue/interventions/policies";
import type { RiskGroup } from "../../../../catalogue/risk/risk";
import { fakePlayers } from "../lib/interventions/players";

/** The store of players on tables in memory, of operators that are cautious and may market with consent alone. */
export function knownPlayers() {
  const marketing = { consent: "declared", suppressFrom: "high" } as const;
  const { store, tables, clock } = fakePlayers({ policy: POLICIES.cautious, marketing });
  return {
    store,
    tables,
    /** Counts the writes so far. */
    writes: () => (tables.calls.PutItemCommand ?? 0) + (tables.calls.TransactWriteItemsCommand ?? 0),
    queries: () => tables.calls.QueryCommand ?? 0,
    /** Counts all calls of the tables so far. */
    calls: () => Object.values(tables.calls).reduce((sum, count) => sum + count, 0),
    /** Has time go on, and one model of risk and one of marketing say something of a player then. */
    async assess(operatorId: string, playerId: string, risk: RiskGroup, at: string): Promise<void> {
      clock.now = Date.parse(at);
      const id = createHash("sha256").update(`${playerId} ${at}`).digest("hex").slice(0, 32);
      const predictions = [
        { id: "a".repeat(32), model: "problem", modelVersion: "v1", score: 0.9, risk },
        { id: "b".repeat(32), model: "marketing", modelVersion: "v1", score: 17 },
      ];
      await store.apply({ operatorId, playerId }, [
        { kind: "assessment", id, at, risk, knows: 2, reasons: ["night-play"], predictions, version: "v1" },
      ]);
    },
    clock,
  };
}
