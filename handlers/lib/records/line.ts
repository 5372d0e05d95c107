import type { Problem } from "../../../catalogue/datasets/kit/schema-problems";

/** A line, or an object within one, that is no usable record, and why. */
export interface RejectedLine {
  readonly kind: "rejected";
  readonly problems: readonly Problem[];
}

export const rejectedLine = (...problems: readonly Problem[]): RejectedLine => ({ kind: "rejected", problems });

/** The rejection of a line as a whole. */
export const problem = (message: string): RejectedLine => rejectedLine({ pointer: "", message });

/** The rejection of a line that is no JSON object. */
export const NO_OBJECT = problem("is not a JSON object");

/** Makes a reader of lines from one of the objects in them. */
export const lineReader =
  <Usable>(read: (parsed: object) => Usable | RejectedLine) =>
  (text: string): Usable | RejectedLine => {
    const parsed = parseObject(text);
    if (parsed === undefined) return NO_OBJECT;
    try {
      return read(parsed);
    } catch {
      // One record that a dataset's code did not foresee must not stop the others; the request path refuses it too.
      return problem("cannot be processed");
    }
  };

function parseObject(text: string): object | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
