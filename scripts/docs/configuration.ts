import { z } from "zod";
import { configSchema } from "../../config/schema";
import { environments } from "./environments";
import { code, table } from "./markdown";

/** JSON Schema, as far as zod makes it of the configuration and of events. */
export interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | false;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly not?: Schema;
}

interface Row {
  readonly key: string;
  readonly takes: string;
  readonly otherwise: string;
  readonly meaning: string;
}

/**
 * The page that says of every setting what it takes, its default and what it is for. Throws when one has no
 * description.
 */
export function configurationPage(): string {
  const schema = z.toJSONSchema(configSchema, { io: "input", unrepresentable: "any" }) as Schema;
  const rows = Object.entries(schema.properties ?? {}).map(([name, each]) =>
    rowsOf(name, each, schema.required?.includes(name) ?? false),
  );
  const tables = rows.map(([first, ...others]) =>
    others.length === 0
      ? []
      : [`## ${first?.key}`, first?.meaning ?? "", settings(others.map((row) => ({ ...row, key: code(row.key) })))],
  );
  const single = rows.flatMap(([first, ...others]) => (first && others.length === 0 ? [first] : []));
  return [
    "# Configuration",
    "Every setting of `config/<environment>.ts`. Synth refuses what is wrong, with key, value and remedy; it also refuses settings that cannot go together, and says why. This page is made by `npm run docs` from [`config/schema/`](../config/schema) and the environments' files.",
    settings(single.map((row) => ({ ...row, key: code(row.key) }))),
    ...tables.flat(),
    "## What the environments set",
    "The settings in which the environments differ; `*` stands for all models that nothing else is said of. `VWT_ACCOUNT_ID` gives the account.",
    environments(),
    "",
  ].join("\n\n");
}

const settings = (rows: readonly Row[]): string =>
  table(
    ["key", "takes", "unless given", "what it is for"],
    rows.map(({ key, takes, otherwise, meaning }) => [key, takes, otherwise, meaning]),
  );

/** The row of a setting, and those of all settings within it. */
function rowsOf(key: string, schema: Schema, required: boolean): Row[] {
  if (schema.not) return []; // What a kind refuses.
  if (schema.description === undefined) {
    throw new Error(`${key} has no description: give it one in config/schema, by .describe("…") or section("…", …)`);
  }
  const otherwise = (given: Schema): string =>
    given.default !== undefined && !isGroup(given) ? code(JSON.stringify(given.default)) : required ? "**needed**" : "";
  const own = { key, takes: takes(schema), otherwise: otherwise(schema), meaning: schema.description };
  return [own, ...within(key, schema)];
}

export const isGroup = ({ properties, oneOf }: Schema): boolean => properties !== undefined || oneOf !== undefined;

function within(key: string, schema: Schema): Row[] {
  const { properties, required = [], additionalProperties, items, oneOf } = schema;
  if (oneOf) {
    return oneOf.flatMap((kind) => {
      const kinds = Object.values(kind.properties ?? {}).flatMap((each) => each.const ?? []);
      const which = { key: `${key} (${JSON.stringify(kinds[0])})`, otherwise: "", meaning: kind.description ?? "" };
      return [{ ...which, takes: takes(kind) }, ...within(key, kind)];
    });
  }
  if (properties) {
    return alike(Object.entries(properties)).flatMap(([[name = "", ...others], each]) => {
      if (others.length === 0) return rowsOf(`${key}.${name}`, each, required.includes(name));
      const description = `${each.description} They are: ${[name, ...others].map(code).join(", ")}.`;
      return rowsOf(`${key}.<name>`, each.description ? { ...each, description } : each, required.includes(name));
    });
  }
  if (additionalProperties && isGroup(additionalProperties)) return within(`${key}.<name>`, additionalProperties);
  if (items && isGroup(items)) return within(`${key}[]`, items);
  return [];
}

/** Groups of settings that are the same but for their names, such as those of functions, together. */
function alike(entries: readonly (readonly [string, Schema])[]): [names: string[], schema: Schema][] {
  const groups: [names: string[], schema: Schema][] = [];
  for (const [name, schema] of entries) {
    const same = groups.find(([, other]) => isGroup(schema) && JSON.stringify(other) === JSON.stringify(schema));
    if (same) same[0].push(name);
    else groups.push([[name], schema]);
  }
  return groups;
}

/** Says in words what a value may be. */
export function takes(schema: Schema): string {
  const { type, enum: values, const: value, anyOf, additionalProperties, items, format, pattern, multipleOf } = schema;
  if (values) return `one of ${values.map((each) => code(String(each))).join(", ")}`;
  if (value !== undefined) return code(JSON.stringify(value));
  if (anyOf) return either(anyOf);
  if (isGroup(schema)) return "a group";
  if (items) return `a list; each is ${takes(items)}`;
  if (additionalProperties) return `by name: ${takes(additionalProperties)}`;
  if (type === "boolean") return "`true` or `false`";
  if (type === "integer" || type === "number") {
    const whole = type === "integer" ? "whole number" : "number";
    return [whole, ...bounds(schema), ...(multipleOf ? [`, a multiple of ${multipleOf}`] : [])].join("");
  }
  if (type === "null") return "`null`";
  if (format === "email") return "an e-mail address";
  if (format === "date-time") return "an instant (RFC 3339)";
  return pattern === undefined ? "text" : `text like ${code(pattern)}`;
}

function either(kinds: readonly Schema[]): string {
  const values = kinds.flatMap((kind) => (kind.const === undefined ? [] : [String(kind.const)]));
  return values.length === kinds.length ? `one of ${values.join(", ")}` : kinds.map(takes).join(", or ");
}

function* bounds({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): Generator<string> {
  // Zod's own bounds of a whole number say nothing.
  const least = minimum === Number.MIN_SAFE_INTEGER ? undefined : minimum;
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (least !== undefined && most !== undefined) yield `, ${least} to ${most}`;
  else if (least !== undefined) yield `, at least ${least}`;
  else if (most !== undefined) yield `, at most ${most}`;
  if (exclusiveMinimum !== undefined) yield `, above ${exclusiveMinimum}`;
  if (exclusiveMaximum !== undefined) yield `, below ${exclusiveMaximum}`;
}
