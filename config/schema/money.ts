import { z } from "zod";

const currency = z.string().refine((code) => Intl.supportedValuesOf("currency").includes(code), {
  message: 'must be the ISO 4217 code of a currency, such as "EUR"',
});

/** The currencies that amounts may be in, and how they are converted: docs/decisions/0023. */
export const money = z
  .strictObject({
    /** The currency that models are trained in, and that of all records as long as there are no rates. */
    currency,
    /** What one unit of another currency, in which amounts may be sent, is worth in it. */
    rates: z.record(currency, z.number().positive()).default({}),
    /** By operator: the currency of records that do not say theirs. */
    operators: z.record(z.string(), currency).default({}),
  })
  .refine(({ currency: own, rates }) => !(own in rates), {
    path: ["rates"],
    message: "has a rate of the models' own currency, which is always 1; remove it",
  })
  .refine(
    ({ currency: own, rates, operators }) =>
      Object.values(operators).every((code) => code === own || Object.hasOwn(rates, code)),
    { path: ["operators"], message: "names a currency without a rate; add one to rates" },
  );
