import { z } from "zod";
import { section } from "./section";

const currency = z.string().refine((code) => Intl.supportedValuesOf("currency").includes(code), {
  message: 'must be the ISO 4217 code of a currency, such as "EUR"',
});

export const money = section(
  "Currencies that amounts may be in, and their rates (docs/decisions/0023-one-currency-per-model.md).",
  {
    currency: currency.describe("The currency that models are trained in; without rates, that of all records."),
    rates: z
      .record(currency, z.number().positive())
      .default({})
      .describe("Further currencies that records may be in: what one unit is worth in the models' currency."),
    operators: z
      .record(z.string(), currency)
      .default({})
      .describe("Currency of the records of an operator that do not say theirs, by operator."),
  },
)
  .refine(({ currency: own, rates }) => !(own in rates), {
    path: ["rates"],
    message: "has a rate of the models' own currency, which is always 1; remove it",
  })
  .refine(
    ({ currency: own, rates, operators }) =>
      Object.values(operators).every((code) => code === own || Object.hasOwn(rates, code)),
    { path: ["operators"], message: "names a currency without a rate; add one to rates" },
  );
