import type { ErrorObject, ValidateFunction } from "ajv";

/** A fault of a document: where it is (RFC 6901 pointer from the document's root), and what is wrong there. */
export interface Problem {
  readonly pointer: string;
  readonly message: string;
}

/** Messages for keywords whose own say too little, or quote the value: they tell what was expected. */
const MESSAGES: Readonly<Record<string, (params: Record<string, unknown>) => string>> = {
  enum: ({ allowedValues }) => `must be one of ${(allowedValues as unknown[]).join(", ")}`,
  const: ({ allowedValue }) => `must be ${JSON.stringify(allowedValue)}`,
  format: ({ format }) => `must be ${FORMATS[format as string] ?? `a ${format}`}`,
  // Patterns that people cannot read help nobody.
  pattern: ({ pattern }) =>
    (pattern as string).length > 60 ? "does not have the expected form" : `must match pattern ${pattern}`,
};

const FORMATS: Readonly<Record<string, string>> = {
  "date-time": "an RFC 3339 date-time such as 2026-11-23T12:00:00Z",
  date: "a date such as 2026-11-23",
};

/** Keywords that Ajv reports on the object, about one of its fields: the parameter with its name, and the message. */
const FIELDS: Readonly<Record<string, readonly [parameter: string, message: string]>> = {
  additionalProperties: ["additionalProperty", "is not a known field; remove it"],
  required: ["missingProperty", "is missing"],
};

/** Keywords that a `null` fails. */
const REFUSE_NULL = new Set(["type", "enum", "const"]);

/** Serialisers write `null` both for what is not known and for what did not happen; a record keeps these apart. */
const IS_NULL =
  "is null; leave the field out while it is unknown, and a group out of a day on which nothing of it happened";

/**
 * Turns Ajv's errors about a document into pointers and messages that say what was expected, without quoting player
 * data.
 */
function problems(errors: readonly ErrorObject[] | null | undefined, document: unknown): Problem[] {
  const all = errors ?? [];
  // zod writes an instant as a format and a pattern: where both fail, the format says it all.
  const misformatted = new Set(
    all.filter(({ keyword }) => keyword === "format").map(({ instancePath }) => instancePath),
  );
  const telling = all.filter(({ keyword, instancePath }) => keyword !== "pattern" || !misformatted.has(instancePath));
  return telling.map(({ instancePath, keyword, message, params }) => {
    const field = FIELDS[keyword];
    if (field) return { pointer: `${instancePath}/${escaped(String(params[field[0]]))}`, message: field[1] };
    const isNull = REFUSE_NULL.has(keyword) && valueAt(document, instancePath) === null;
    const expected = MESSAGES[keyword]?.(params) ?? message ?? `fails ${keyword}`;
    return { pointer: instancePath, message: isNull ? IS_NULL : expected };
  });
}

/** Finds the value at a pointer into a document that has it. */
function valueAt(document: unknown, pointer: string): unknown {
  let value = document;
  for (const name of pointer.split("/").slice(1)) {
    value = (value as Record<string, unknown>)[name.replace(/~1/g, "/").replace(/~0/g, "~")];
  }
  return value;
}

const MAX_NAME = 200;

/**
 * Writes a field's name as a part of a pointer (RFC 6901), as far as anybody reads it: clients may make megabytes of
 * it.
 */
export const escaped = (name: string, most = MAX_NAME): string =>
  name.slice(0, most).replace(/~/g, "~0").replace(/\//g, "~1");

/** Makes a check of validators that have their turn one after the other, until one refuses the value. */
export function checkBy(...validators: readonly ValidateFunction[]): (value: unknown) => Problem[] {
  return (value) => {
    for (const validate of validators) if (!validate(value)) return problems(validate.errors, value);
    return [];
  };
}
