import { arrayOf, is, object, type Parser, parseJson, text } from "../../../contracts/parse";
import type { PredictReply, PreprocessReply } from "../../../contracts/request-path";
import { CallFailure } from "../../lib/util/failure";

/**
 * An entry of a reply's list. It has the index by which the filter tells records apart; the rest is the word of our own
 * functions, which checked every record, and checking it again would cost as much as they took.
 */
const entryOf = <T extends { readonly index: number }>(): Parser<T> =>
  is(
    "an entry with an index",
    (value): value is T =>
      typeof value === "object" && value !== null && "index" in value && Number.isInteger(value.index),
  );

const preprocessReply: Parser<PreprocessReply> = object({
  featureHash: text,
  rows: arrayOf(entryOf<PreprocessReply["rows"][number]>()),
  errors: arrayOf(entryOf<PreprocessReply["errors"][number]>()),
});

const predictReply: Parser<PredictReply> = object({
  predictions: arrayOf(entryOf<PredictReply["predictions"][number]>()),
  errors: arrayOf(entryOf<PredictReply["errors"][number]>()),
});

/** Makes the function that reads the reply of a function. It throws a `CallFailure` when the reply is none. */
const readerOf =
  <T>(parser: Parser<T>) =>
  (reply: string): T => {
    try {
      return parseJson(parser, reply, "the function's reply");
    } catch (error) {
      throw new CallFailure("unavailable", error instanceof TypeError ? error.message : "the reply cannot be read", {
        cause: error,
      });
    }
  };

export const readPreprocessReply = readerOf(preprocessReply);
export const readPredictReply = readerOf(predictReply);
