import { z } from "zod";
import { instant, money } from "./identity";
import { recordSchema } from "./record-schema";

const schema = z.strictObject({
  selfExcludedAt: instant().optional(),
  firstBetAt: instant().optional(),
  /** A person's verdict, which counts before self-exclusion and observation. */
  label: z
    .strictObject({
      value: z.literal([0, 1]),
      source: z.enum(["operator", "labeller"]),
      at: instant(),
    })
    .optional(),
  /** Until when the operator watched the player; without it the absence of an exclusion says nothing. */
  observedUntil: instant().optional(),
  /** Observed stake on the target day, in major units of the record's currency. */
  stake: money().optional(),
});

/** Tells what became of a player after the record's `asOf`; only training records have it. */
export type Outcome = z.infer<typeof schema>;
export const outcome = recordSchema(schema);
