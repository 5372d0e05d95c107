import type { Dataset, RecordIdentity } from "../../../catalogue/datasets/kit/dataset";
import { type Currency, currencyMessage, currencyOf, type Money } from "../../../catalogue/datasets/kit/money";
import { recordTimes } from "../../../catalogue/datasets/kit/plausible-times";
import type { Problem } from "../../../catalogue/datasets/kit/schema-problems";

/** A record with more problems is repaired from the first ones. */
const MAX_PROBLEMS = 20;
/** Pointers name fields of the client's own making, so answers are bounded here. */
const MAX_POINTER = 100;
const MAX_MESSAGE = 200;

const clip = (text: string, length: number) => (text.length <= length ? text : `${text.slice(0, length)}…`);

/** The first problems of a record, and how many more there are. */
export function limitProblems(problems: readonly Problem[], most = MAX_PROBLEMS): Problem[] {
  const kept = problems.slice(0, Math.min(most, MAX_PROBLEMS)).map(({ pointer, message }) => ({
    pointer: clip(pointer, MAX_POINTER),
    message: clip(message, MAX_MESSAGE),
  }));
  const more = problems.length - kept.length;
  if (more > 0) kept.push({ pointer: "", message: `has ${more} more problems` });
  return kept;
}

/** Reading a dataset's records: the one code of the request path and of training. */
export interface RecordReader<R extends RecordIdentity = RecordIdentity> {
  /** Every problem of the value; an empty list means that it is a record of the dataset. */
  readonly check: (value: unknown) => readonly Problem[];
  /** The currency of a record that `check` accepts. */
  readonly currency: (record: R) => Currency;
  readonly omissions: Dataset<R>["omissions"];
  readonly lacking: Dataset<R>["lacking"];
  /** Features in the table's order, those in money in the currency of the models. */
  readonly features: (record: R) => { readonly vector: (number | null)[]; readonly markers: () => string[] };
}

/** Makes the reader of a dataset, for amounts in the currencies of `money`; `now` tells the milliseconds since 1970. */
export function recordReader<R extends RecordIdentity, N extends string>(
  dataset: Dataset<R, N>,
  money: Money,
  now: () => number = Date.now,
): RecordReader<R> {
  const wrongCurrency = (record: R): Problem[] =>
    currencyOf(record, money) ? [] : [{ pointer: "/currency", message: currencyMessage(record, money) }];
  const currency = (record: R): Currency => {
    const found = currencyOf(record, money);
    if (found === undefined) throw new Error("a record was read that check refuses");
    return found;
  };
  return {
    check: (value) => {
      const problems = dataset.record.check(value);
      if (problems.length > 0) return problems;
      const record = value as R;
      return [...recordTimes(record, now()), ...wrongCurrency(record), ...dataset.rules(record)];
    },
    currency,
    omissions: dataset.omissions,
    lacking: dataset.lacking,
    features: (record) => {
      const values = dataset.extract(record);
      const { rate } = currency(record);
      return {
        vector: dataset.features.map(({ name, unit }) => {
          const value = values[name];
          return value !== null && unit === "money" ? value * rate : value;
        }),
        markers: () => dataset.markers.filter(({ fires }) => fires(values)).map(({ name }) => name),
      };
    },
  };
}
