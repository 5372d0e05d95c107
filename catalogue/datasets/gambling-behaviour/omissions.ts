import { type Omission, withoutField } from "../kit/omissions";
import type { Day, GamblingBehaviourRecord } from "./record";
import { GROUPS } from "./vocabulary";

/** Leaves out what is known of a day's single stakes: many operators know only their sum. */
export const sumsOfBets = ({ bets, ...row }: Day): Day =>
  bets ? { ...row, bets: { count: bets.count, stake: bets.stake, payout: bets.payout } } : row;

const notReported = GROUPS.map(
  (group): Omission<GamblingBehaviourRecord> => ({
    name: group,
    from: ({ reported, ...record }) => ({ ...record, reported: reported.filter((each) => each !== group) }),
  }),
);

export const omissions: readonly Omission<GamblingBehaviourRecord>[] = [
  ...notReported,
  { name: "single-stakes", from: (record) => ({ ...record, days: record.days.map(sumsOfBets) }) },
  withoutField("age"),
  withoutField("registeredAt"),
  withoutField("priorExclusions"),
];
