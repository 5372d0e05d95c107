import { is, Mismatch, type Parser } from "../../../contracts/parse";
import { queryNames, type RouteName } from "../../../contracts/routes";
import type { RoutedEvent } from "./api-gateway";
import { Refusal } from "./problem";

type Query = Readonly<Record<string, string | undefined>>;

const MOST_ENTRIES = 100;
const USUAL_ENTRIES = 20;

/** What a store names a page by; it checks the rest. */
const CURSOR = /^[\w.:#|=-]{1,1000}$/;

const cursor = is("the next of an earlier answer", (value): value is string => CURSOR.test(String(value)));

/** Reads a query. Throws a `Refusal` for a parameter that the route does not have: a misspelt one would be none. */
export function queryOf({ queryStringParameters }: RoutedEvent, route: RouteName): Query {
  const query = queryStringParameters ?? {};
  const known = queryNames(route);
  if (Object.keys(query).some((name) => !known.includes(name))) {
    throw new Refusal("bad-request", `the query may have ${known.join(", ") || "no parameters"}`);
  }
  return query;
}

/** Reads how many entries an answer may have. Throws a `Refusal` for a number that it cannot have. */
export function limitOf({ limit: wanted = String(USUAL_ENTRIES) }: Query): number {
  const limit = /^\d{1,3}$/.test(wanted) ? Number(wanted) : 0;
  if (limit >= 1 && limit <= MOST_ENTRIES) return limit;
  throw new Refusal("bad-request", `limit must be a whole number from 1 to ${MOST_ENTRIES}`);
}

/** Reads which page is asked for. */
export function pageOf(query: Query): { readonly limit: number; readonly after?: string } {
  const after = parameterOf(query, "after", cursor);
  return { limit: limitOf(query), ...(after !== undefined && { after }) };
}

/** Reads a parameter that may be missing. Throws a `Refusal` that says what it must be. */
export function parameterOf<T>(query: Query, name: string, parser: Parser<T>): T | undefined {
  const value = query[name];
  return value === undefined ? undefined : parsed(parser, value, name);
}

/** Parses what a client sent, which messages call `what`; a `Refusal` points at what is wrong. */
export function parsed<T>(parser: Parser<T>, value: unknown, what: string): T {
  try {
    return parser(value);
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    throw new Refusal("bad-request", `${what} cannot be used`, [
      { pointer: pointerOf(error.path), message: error.said },
    ]);
  }
}

/** Writes a path such as `limits.depositLimit[0]` as a JSON pointer (RFC 6901); names of fields are our own. */
const pointerOf = (path: string): string =>
  path === "" ? "" : `/${path.replaceAll("[", ".").replaceAll("]", "").replaceAll(".", "/")}`;
