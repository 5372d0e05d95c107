import type { Needs } from "../kit/dataset";
import type { BeforeInitialDepositRecord } from "./record";

type Tells = (record: BeforeInitialDepositRecord) => boolean;

/** The groups that a model may need, and when a record tells them. */
const GROUPS: Readonly<Record<string, Tells>> = {
  priorExclusion: ({ priorExclusion }) => priorExclusion !== undefined,
  accountsElsewhere: ({ accountsElsewhere }) => accountsElsewhere !== undefined,
  // Of which pages of how many: an empty object, or pages alone, tells nothing.
  browsing: ({ browsing }) => browsing?.pages !== undefined && browsing.bonusPages !== undefined,
};

/** What a record lacks of a model's needs: the names of groups that it does not tell. */
export const lacking = (record: BeforeInitialDepositRecord, { groups }: Needs): readonly string[] =>
  groups.filter((group) => !GROUPS[group]?.(record));
