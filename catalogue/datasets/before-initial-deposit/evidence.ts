import type { Needs } from "../kit/dataset";
import type { BeforeInitialDepositRecord } from "./record";

type Tells = (record: BeforeInitialDepositRecord) => boolean;

/** The groups that a model may need, and when a record tells them. */
const GROUPS: Readonly<Record<string, Tells>> = {
  priorExclusion: ({ priorExclusion }) => priorExclusion !== undefined,
  accountsElsewhere: ({ accountsElsewhere }) => accountsElsewhere !== undefined,
  // An empty object, or pages alone, does not tell how many of them were about bonuses.
  browsing: ({ browsing }) => browsing?.pages !== undefined && browsing.bonusPages !== undefined,
};

/** Names the groups that a model needs and a record does not tell. */
export const lacking = (record: BeforeInitialDepositRecord, { groups }: Needs): readonly string[] =>
  groups.filter((group) => !GROUPS[group]?.(record));
