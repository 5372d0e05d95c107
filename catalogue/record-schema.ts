import Ajv, { type ErrorObject, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import { z } from "zod";
import type { Problem } from "./vocabulary";

export interface RecordSchema<R> {
  /** Everything wrong with `value`; an empty list means that it is an `R`. */
  readonly check: (value: unknown) => readonly Problem[];
  /** The record as JSON Schema, for API Gateway models (draft-04) and documentation. */
  readonly jsonSchema: (target: "draft-04" | "draft-07") => Record<string, unknown>;
  /** Carries the record's type. */
  readonly type?: R;
}

/** The validator's settings: one place, so that the run-time and the precompiled validator cannot differ. */
export function createAjv(code?: { readonly source: boolean; readonly esm: boolean }): Ajv {
  const ajv = new Ajv({ allErrors: true, strict: true, strictTypes: false, ...(code ? { code } : {}) });
  addFormats(ajv, { mode: "full", formats: ["date", "date-time"] });
  return ajv;
}

/**
 * Makes a record schema from its zod description. The zod schema is the single source; records are checked by the
 * validator that Ajv compiles from its JSON Schema, because zod takes five times as long for a behavioural record and
 * adds 43 ms to a cold start. Handler bundles hold the compiled validator only (see `scripts/bundle`).
 */
export function recordSchema<S extends z.ZodType>(schema: S): RecordSchema<z.infer<S>> {
  const jsonSchema = (target: "draft-04" | "draft-07") =>
    z.toJSONSchema(schema, { target: target === "draft-04" ? "draft-04" : "draft-7", io: "input" });
  let validate: ValidateFunction | undefined;
  return {
    jsonSchema,
    check: (value) => {
      validate ??= createAjv().compile(jsonSchema("draft-07"));
      return validate(value) ? [] : problems(validate.errors);
    },
  };
}

/** Ajv's errors as pointers and messages that say what was expected, without quoting the player's data. */
export function problems(errors: readonly ErrorObject[] | null | undefined): Problem[] {
  return (errors ?? []).map(({ instancePath, keyword, message, params }) => {
    if (keyword === "additionalProperties" || keyword === "unevaluatedProperties") {
      return { pointer: `${instancePath}/${params.additionalProperty}`, message: "is not a known field; remove it" };
    }
    if (keyword === "required") {
      return { pointer: `${instancePath}/${params.missingProperty}`, message: "is missing" };
    }
    if (keyword === "enum") {
      return { pointer: instancePath, message: `must be one of ${params.allowedValues.join(", ")}` };
    }
    if (keyword === "const") {
      return { pointer: instancePath, message: `must be ${JSON.stringify(params.allowedValue)}` };
    }
    return { pointer: instancePath, message: message ?? `fails ${keyword}` };
  });
}
