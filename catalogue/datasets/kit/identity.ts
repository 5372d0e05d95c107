import { z } from "zod";

/**
 * Parts of which record schemas are made. Only `record.ts` and `outcome.ts` import them, because bundles replace these.
 */

export const instant = () => z.iso.datetime({ offset: true });

/** Takes pseudonyms; refuses `@` and spaces, so that neither an e-mail address nor a name passes. */
const pseudonym = () =>
  z
    .string()
    .min(1)
    .max(128)
    .regex(/^[A-Za-z0-9._:-]+$/);

/** Takes amounts in major units of the record's currency. The limit refuses `1e999`, which JSON reads as infinity. */
export const money = () => z.number().min(0).max(1e9);

export const count = (max = 1e6) => z.int().min(0).max(max);

export const adultAge = () => z.int().min(18).max(120);

export const identity = <D extends string>(dataset: D) => ({
  dataset: z.literal(dataset),
  playerId: pseudonym(),
  operatorId: pseudonym(),
  asOf: instant(),
  /** ISO 4217 code of the currency that all amounts are in. */
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .optional(),
});
