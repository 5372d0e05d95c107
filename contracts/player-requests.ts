import { type OwnLimits, VERDICTS } from "../catalogue/interventions/evidence";
import {
  boolean,
  closed,
  integer,
  is,
  nullable,
  number,
  oneOf,
  optional,
  type Parsed,
  type Parser,
  textOf,
} from "./parse";

/**
 * Bodies of the routes for players and reviews: each as API Gateway publishes it (JSON Schema, draft-04), and as the
 * function checks it. A test holds the two to each other.
 */

interface Bounds {
  readonly least: number;
  readonly most: number;
}

const AMOUNT: Bounds = { least: 0, most: 1e9 };
const DAYS: Bounds = { least: 1, most: 365 };
const MINUTES: Bounds = { least: 0, most: 1_440 };
const HOURS: Bounds = { least: 1, most: 8_760 };
const LEVELS: Bounds = { least: 0, most: 9 };
const CURRENCY = /^[A-Z]{3}$/;
const CODE = /^[a-z][a-z0-9-]*$/;
const MOST_CODE = 100;
const MOST_TEXT = 2_000;
const INSTANT =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

const amount = number(AMOUNT.least, AMOUNT.most);
const currency = textOf("an ISO 4217 code", 3, CURRENCY);
const limit = closed({ amount, currency, days: integer(DAYS.least, DAYS.most) });
const freeText = textOf("a text", MOST_TEXT);

const isInstant = (value: unknown): value is string => {
  if (typeof value !== "string" || !INSTANT.test(value)) return false;
  const date = value.slice(0, "2026-11-26".length);
  const midnight = Date.parse(`${date}T00:00:00Z`);
  // JavaScript takes 30 February for 2 March.
  return !Number.isNaN(Date.parse(value)) && new Date(midnight).toISOString().startsWith(date);
};
const instantText = is("an instant such as 2026-11-26T12:00:00Z", isInstant);

/** Takes an RFC 3339 instant, and gives it in UTC with milliseconds, so that instants compare as texts. */
export const instant: Parser<string> = (value) => new Date(instantText(value)).toISOString();

const limits: Parser<OwnLimits> = closed({
  depositLimit: optional(limit),
  stakeLimit: optional(closed({ amount, currency })),
  lossLimit: optional(limit),
  sessionMinutes: optional(integer(MINUTES.least, MINUTES.most)),
  coolOffHours: optional(integer(HOURS.least, HOURS.most)),
});

/** What a player said: limits of their own, which take the place of all before, self-exclusion, consent to marketing. */
export const declaration = closed({
  limits: optional(limits),
  selfExclusion: optional(closed({ until: nullable(instant) })),
  marketingConsent: optional(boolean),
});

export type Declared = Parsed<typeof declaration>;

/** That a player does not agree with what is enforced, and why. */
export const contest = closed({ text: optional(freeText) });

/** What a reviewer decides. */
export const decision = closed({
  decision: oneOf(...VERDICTS),
  level: optional(integer(LEVELS.least, LEVELS.most)),
  reason: textOf("a code of a-z, 0-9 and -", MOST_CODE, CODE),
  note: optional(freeText),
});

const bounded = (type: "number" | "integer", { least, most }: Bounds) => ({ type, minimum: least, maximum: most });
const patterned = ({ source }: RegExp, maxLength?: number) => ({
  type: "string",
  pattern: source,
  ...(maxLength !== undefined && { maxLength }),
});
const text = { type: "string", minLength: 1, maxLength: MOST_TEXT };
const group = (properties: object, ...required: readonly string[]) => ({
  type: "object",
  additionalProperties: false,
  properties,
  // An empty list is none in draft-04.
  ...(required.length > 0 && { required }),
});
const money = { amount: bounded("number", AMOUNT), currency: patterned(CURRENCY) };
const limitSchema = group({ ...money, days: bounded("integer", DAYS) }, "amount", "currency", "days");

const titled = (title: string, schema: object) => ({
  $schema: "http://json-schema.org/draft-04/schema#",
  title,
  ...schema,
});

/** The bodies' schemas, by the name that the API publishes them under. */
export const PLAYER_SCHEMAS = {
  declaration: titled(
    "Declaration",
    group({
      limits: group({
        depositLimit: limitSchema,
        stakeLimit: group(money, "amount", "currency"),
        lossLimit: limitSchema,
        sessionMinutes: bounded("integer", MINUTES),
        coolOffHours: bounded("integer", HOURS),
      }),
      selfExclusion: group({ until: { anyOf: [patterned(INSTANT), { type: "null" }] } }, "until"),
      marketingConsent: { type: "boolean" },
    }),
  ),
  contest: titled("Contest", group({ text })),
  decision: titled(
    "Decision",
    group(
      {
        decision: { type: "string", enum: VERDICTS },
        level: bounded("integer", LEVELS),
        reason: patterned(CODE, MOST_CODE),
        note: text,
      },
      "decision",
      "reason",
    ),
  ),
};
