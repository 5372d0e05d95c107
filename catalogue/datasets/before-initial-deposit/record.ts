import { z } from "zod";
import { adultAge, count, identity, instant, money } from "../kit/identity";
import { recordSchema } from "../kit/record-schema";
import { CHANNELS, DEVICES, GENDERS } from "./vocabulary";

/** No one spends more than ten years on a page: a limit that only refuses the absurd. */
const seconds = () => z.int().min(0).max(3.2e8);

/**
 * Describes what is known of a player before money moves. A field left out is unknown, which is never the same as 0 or
 * false.
 */
const schema = z.strictObject({
  ...identity("before-initial-deposit"),
  age: adultAge().optional(),
  /** Gender and country serve reports of fairness. No feature is made of them, so no model treats players by them. */
  gender: z.enum(GENDERS).optional(),
  /** ISO 3166-1 alpha-2. */
  country: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .optional(),
  channel: z.enum(CHANNELS).optional(),
  device: z.enum(DEVICES).optional(),
  registeredAt: instant().optional(),
  /** Hour of the player's own clock at registration. */
  registeredHour: z.int().min(0).max(23).optional(),
  /** Earlier exclusion on a national register. */
  priorExclusion: z.boolean().optional(),
  /** Self-reported number of accounts with other operators. */
  accountsElsewhere: count(1000).optional(),
  /** Identity check. */
  kyc: z
    .strictObject({
      attempts: count(1000).optional(),
      /** Documents refused. */
      refused: count(1000).optional(),
      seconds: seconds().optional(),
    })
    .optional(),
  /** Limits that the player set at sign-up. */
  limits: z
    .strictObject({
      count: count(100).optional(),
      monthlyDeposit: money().optional(),
    })
    .optional(),
  /** Use of the site before the first deposit. */
  browsing: z
    .strictObject({
      sessions: count().optional(),
      seconds: seconds().optional(),
      nightSeconds: seconds().optional(),
      pages: count().optional(),
      bonusPages: count().optional(),
      responsibleGamblingPages: count().optional(),
      depositPages: count().optional(),
      demoGames: count().optional(),
    })
    .optional(),
});

export type BeforeInitialDepositRecord = z.infer<typeof schema>;
export const record = recordSchema(schema);
