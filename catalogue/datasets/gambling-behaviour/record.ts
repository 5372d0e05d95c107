import { z } from "zod";
import { adultAge, count, identity, instant, money } from "../kit/identity";
import { recordSchema } from "../kit/record-schema";
import { SECONDS_PER_DAY } from "../kit/time";
import { GROUPS, WINDOW_DAYS } from "./vocabulary";

const seconds = () => z.int().min(0).max(SECONDS_PER_DAY);

/** One UTC day. A group that the operator reports and a row leaves out did not happen on that day. */
const day = z.strictObject({
  date: z.iso.date(),
  deposits: z.strictObject({ count: count(), amount: money(), declined: count(), methods: count(100) }).optional(),
  withdrawals: z.strictObject({ count: count(), amount: money(), reversed: count() }).optional(),
  bets: z
    .strictObject({
      count: count(),
      stake: money(),
      payout: money(),
      /** Largest single stake. */
      largest: money().optional(),
      /** Variance of the day's single stakes. */
      variance: z.number().min(0).max(1e18).optional(),
    })
    .optional(),
  /** Night is from midnight to five on the player's clock. */
  sessions: z.strictObject({ count: count(), seconds: seconds(), nightSeconds: seconds() }).optional(),
  /** Stake of the day by product. */
  products: z
    .strictObject({
      slots: money().optional(),
      casino: money().optional(),
      sports: money().optional(),
      poker: money().optional(),
      lottery: money().optional(),
    })
    .optional(),
  balance: z.strictObject({ lowest: money(), closing: money() }).optional(),
  limits: z.strictObject({ raised: count(), lowered: count() }).optional(),
  contacts: z.strictObject({ received: count(), sent: count() }).optional(),
});

const schema = z.strictObject({
  ...identity("gambling-behaviour"),
  age: adultAge().optional(),
  registeredAt: instant().optional(),
  /** Exclusions that ended before `asOf`, here or on a national register. */
  priorExclusions: count(1000).optional(),
  /** First day that `days` covers; from there to `observedUntil`, a day without a row is a day without activity. */
  observedFrom: z.iso.date(),
  /** Last day that `days` covers, if that is said: a model that needs the latest days wants to know. */
  observedUntil: z.iso.date().optional(),
  /** The groups that this operator reports; features of the others are unknown. */
  reported: z.array(z.enum(GROUPS)).min(1).max(GROUPS.length),
  days: z.array(day).max(WINDOW_DAYS),
});

export type GamblingBehaviourRecord = z.infer<typeof schema>;
export type Day = z.infer<typeof day>;
export const record = recordSchema(schema);
