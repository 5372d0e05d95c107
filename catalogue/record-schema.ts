import Ajv, { type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import { z } from "zod";
import { problems } from "./problems";
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
export function createAjv(code?: { readonly source: boolean }): Ajv {
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
      return validate(value) ? [] : problems(validate.errors, value);
    },
  };
}
