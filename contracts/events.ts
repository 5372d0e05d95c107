import { z } from "zod";
import type { Restrictions } from "../catalogue/interventions/restrictions";
import { RISK_GROUPS } from "../catalogue/risk/risk";
import { type BusEvent, EVENT_SOURCE } from "./bus";
import { anything, json } from "./parse";

/**
 * Contracts of the events that follow a prediction, as details of EventBridge: docs/events.md. Producers import their
 * types alone; whoever reads an event parses it. A field that is added keeps the version, any other change raises it.
 */

const id = z.string().regex(/^[0-9a-f]{32}$/);
const at = z.iso.datetime({ offset: true });
const pseudonym = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[A-Za-z0-9._:-]+$/);

const about = {
  version: z.literal(1),
  id: id.describe("Names the event: one that comes twice has the same."),
  at: at.describe("When it happened."),
  operatorId: pseudonym,
  playerId: pseudonym,
};

const reasons = z.array(z.string().max(100)).max(100);

const prediction = z.object({
  predictionId: id,
  model: z.string(),
  modelVersion: z.string(),
  score: z.number().optional().describe("Absent when suppressed, and when the record lacks what the model needs."),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .optional(),
  riskGroup: z.enum([...RISK_GROUPS, "unknown"]).optional(),
  horizonDays: z.int().min(1).optional(),
  missing: z.array(z.string()).optional(),
  suppressed: z.object({ reason: z.string(), missing: z.array(z.string()).optional() }).optional(),
  reasons,
});

const playerAssessed = z.object({
  ...about,
  dataset: z.string(),
  asOf: at.describe("The instant that the record tells the player's state at."),
  predictions: z.array(prediction).min(1).describe("All predictions of one record together."),
  percentile: z
    .number()
    .min(0)
    .max(100)
    .optional()
    .describe("Share of the operator's players with a lower score in the same scoring of all players, in percent."),
});

const amount = { amount: z.number().min(0), currency: z.string() };
const limit = z.object({ ...amount, days: z.int().min(1) });

/** Describes what must be enforced of a player: each restriction by its dimension, none where it does not apply. */
const restrictions = z.object({
  depositLimit: limit.optional(),
  stakeLimit: z.object(amount).optional(),
  lossLimit: limit.optional(),
  sessionMinutes: z.int().min(0).optional(),
  coolOffHours: z.int().min(1).optional().describe("Length of the cool-off; `coolOffUntil` is its end."),
  bonusStop: z.literal(true).optional(),
  marketingStop: z.literal(true).optional(),
  message: z
    .object({ key: z.string(), languages: z.array(z.string()).min(1) })
    .optional()
    .describe("Names the text that the player must be shown."),
  contact: z.literal(true).optional().describe("A person of the operator's contacts the player."),
  selfExclusion: z.literal(true).optional(),
}) satisfies z.ZodType<Restrictions>;

const intervention = z.object({
  ...about,
  sequence: z.int().min(1).describe("Counts the player's interventions: the highest is what holds."),
  cause: z.enum(["assessment", "review", "contest", "declaration"]),
  level: z.int().min(0).max(9),
  previousLevel: z.int().min(0).max(9),
  restrictions,
  since: at,
  until: at.optional().describe("Before it, the level does not fall by assessments."),
  coolOffUntil: at.optional().describe("Until then nobody may play; it may be over."),
  exclusionUntil: at
    .optional()
    .describe(
      "End of the self-exclusion; absent with one that never ends. No event tells the end: ask what holds then.",
    ),
  ownLimits: z
    .object({ depositLimit: limit.optional(), stakeLimit: z.object(amount).optional(), lossLimit: limit.optional() })
    .optional()
    .describe("Limits of the player's in another currency than those of `restrictions`; both must be kept."),
  reasons: reasons.describe("Markers of harm of the assessments that led to it, or the person's reason code."),
  assessments: z.array(id).describe("Events that led to it."),
  policy: z.object({ name: z.string(), version: z.int().min(1) }),
  review: id.optional(),
  audit: z
    .object({ sequence: z.int().min(1), hash: z.string().regex(/^[0-9a-f]{64}$/) })
    .describe("Entry of the operator's audit log."),
});

const marketingSuppressed = z.object({
  ...about,
  cause: z.enum(["risk", "consent", "intervention", "self-exclusion"]),
  recalls: z.array(id).describe("Predictions that the operator was given and may use no more."),
});

const deliveryFailed = z.object({
  ...about,
  delivery: z.string().describe("Name of the operator's delivery in the configuration."),
  eventId: id.describe("Event that could not be delivered, which the delivery's dead-letter queue keeps."),
  reason: z.string().max(500),
});

/** Schemas of the events' details, by detail type. */
export const EVENT_SCHEMAS = {
  PlayerAssessed: playerAssessed,
  InterventionDecided: intervention,
  InterventionChanged: intervention,
  MarketingSuppressed: marketingSuppressed,
  DeliveryFailed: deliveryFailed,
} as const satisfies Readonly<Record<string, z.ZodType>>;

export type EventName = keyof typeof EVENT_SCHEMAS;
export type EventDetail<N extends EventName> = z.infer<(typeof EVENT_SCHEMAS)[N]>;

const envelope = z.object({
  source: z.literal(EVENT_SOURCE),
  "detail-type": z.enum(Object.keys(EVENT_SCHEMAS) as EventName[]),
  detail: z.unknown(),
});

/** Parses the body of a message that EventBridge sent to a queue. Throws an error that quotes nothing of it. */
export function parseEvent(body: string): BusEvent {
  const { "detail-type": name, detail } = envelope.parse(json(anything)(body));
  // The compiler does not see that the detail is parsed by the schema of this very name.
  return { name, detail: EVENT_SCHEMAS[name].parse(detail) } as BusEvent;
}
