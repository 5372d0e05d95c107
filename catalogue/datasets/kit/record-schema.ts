import Ajv, { type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import { z } from "zod";
import { boundsOf } from "./record-bounds";
import type { Problem } from "./schema-problems";
import { checkBy } from "./schema-problems";

export interface RecordSchema<R> {
  /** Finds everything that is wrong with a value; nothing is when it is an `R`. */
  readonly check: (value: unknown) => readonly Problem[];
  /** Writes the schema as JSON Schema, for API Gateway's models (draft-04) and documentation. */
  readonly jsonSchema: (target: "draft-04" | "draft-07") => Record<string, unknown>;
  /** Never set; it carries the record's type. */
  readonly type?: R;
}

/** Stages of a check, one after the other: a record's sizes up to the first that is wrong, then everything. */
const STAGES = {
  bounds: { schemaOf: boundsOf, allErrors: false },
  everything: { schemaOf: (schema: object) => schema, allErrors: true },
} as const;

export type Stage = keyof typeof STAGES;
export const stages = Object.keys(STAGES) as Stage[];

/** Compiles a stage's validator: one place, so that the run-time and the precompiled validators cannot differ. */
export function compile(
  stage: Stage,
  schema: object,
  code?: { readonly source: boolean },
): { readonly ajv: Ajv; readonly validate: ValidateFunction } {
  const { schemaOf, allErrors } = STAGES[stage];
  // A test holds the schemas against JSON Schema's own, which takes as long to compile as one of them.
  const unchecked = { meta: false, validateSchema: false };
  const ajv = new Ajv({ allErrors, strict: true, strictTypes: false, ...unchecked, ...(code ? { code } : {}) });
  addFormats(ajv, { mode: "full", formats: ["date", "date-time"] });
  return { ajv, validate: ajv.compile(schemaOf(schema)) };
}

/**
 * Makes a record schema from its zod description. The zod schema is the single source; records are checked by the
 * validators that Ajv compiles from its JSON Schema, because zod takes five times as long for a behavioural record and
 * adds 43 ms to a cold start. Handler bundles hold the compiled validators only (see `modules/bundling`).
 */
export function recordSchema<S extends z.ZodType>(schema: S): RecordSchema<z.infer<S>> {
  const jsonSchema = (target: "draft-04" | "draft-07") =>
    z.toJSONSchema(schema, { target: target === "draft-04" ? "draft-04" : "draft-7", io: "input" });
  let check: RecordSchema<unknown>["check"] | undefined;
  return {
    jsonSchema,
    check: (value) => {
      check ??= checkBy(...stages.map((stage) => compile(stage, jsonSchema("draft-07")).validate));
      return check(value);
    },
  };
}
