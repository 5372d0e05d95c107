import type { Dataset, RecordIdentity } from "../../../catalogue/datasets/kit/dataset";
import type { Problem } from "../../../catalogue/datasets/kit/schema-problems";

/** A dataset small enough to know its every answer: two features, one marker, one rule. */
export interface Toy extends RecordIdentity {
  readonly dataset: "gambling-behaviour";
  readonly stake: number;
  readonly visits?: number;
}

const FIELDS = ["dataset", "playerId", "operatorId", "asOf", "stake", "visits", "currency"];

function check(value: unknown): Problem[] {
  const record = value as Record<string, unknown>;
  const problems = Object.keys(record)
    .filter((field) => !FIELDS.includes(field))
    .map((field) => ({ pointer: `/${field}`, message: "is not a known field; remove it" }));
  if (typeof record.stake !== "number") problems.push({ pointer: "/stake", message: "must be number" });
  return problems;
}

export const toy: Dataset<Toy, "stake" | "visits"> = {
  name: "gambling-behaviour",
  description: "A toy",
  record: { check, jsonSchema: () => ({}) },
  rules: ({ stake }) => (stake < 0 ? [{ pointer: "/stake", message: "must not be negative" }] : []),
  features: [
    { name: "stake", unit: "money", description: "Stake" },
    { name: "visits", unit: "count", description: "Visits" },
  ],
  // In another order than the table's, which decides.
  extract: ({ stake, visits }) => {
    if (stake === 666) throw new TypeError("a bug of the dataset");
    return { visits: visits ?? null, stake };
  },
  // A record without a stake tells nothing.
  omissions: [],
  lacking: ({ stake }, { groups }) => (stake === 0 ? groups : []),
  markers: [{ name: "big-stake", description: "Big", fires: ({ stake }) => (stake ?? 0) > 100 }],
  generate: () => [],
};

export function toyRecord(fields: Readonly<Record<string, unknown>> = {}): Toy {
  return {
    dataset: "gambling-behaviour",
    playerId: "player-1",
    operatorId: "operator-1",
    asOf: "2026-11-01T00:00:00Z",
    stake: 12.5,
    ...fields,
  };
}
