import type { Money } from "../../../catalogue/datasets/kit/money";

/** Reads one variable's text; throws an Error that says what the text should have been. */
export type Reader<T> = (text: string) => T;

type Readers = Readonly<Record<string, Reader<unknown>>>;
type Environment<R extends Readers> = { readonly [K in keyof R]: ReturnType<R[K]> };

export const text: Reader<string> = (value) => value;

export function integer(least: number, most: number): Reader<number> {
  return (value) => {
    const number = Number(value);
    if (!Number.isInteger(number) || number < least || number > most) {
      throw new Error(`must be a whole number from ${least} to ${most}`);
    }
    return number;
  };
}

export function number(least: number, most: number): Reader<number> {
  return (value) => {
    const parsed = Number(value);
    if (!(parsed >= least && parsed <= most)) throw new Error(`must be a number from ${least} to ${most}`);
    return parsed;
  };
}

function object(value: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(value);
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
  } catch {
    // Said below: the parser's own message would quote the value.
  }
  throw new Error("must be a JSON object");
}

/**
 * A JSON object whose values `read` accepts, and whose keys are among those given. Becomes a Map, in which a name such
 * as `__proto__` finds nothing.
 */
export function mapOf<T>(read: (value: unknown) => T, keys?: readonly string[]): Reader<ReadonlyMap<string, T>> {
  return (value) =>
    new Map(
      Object.entries(object(value)).map(([key, entry]) => {
        if (keys?.includes(key) === false) throw new Error(`has ${key}, which is none of ${keys.join(", ")}`);
        try {
          return [key, read(entry)] as const;
        } catch (error) {
          throw new Error(`${key}: ${(error as Error).message}`);
        }
      }),
    );
}

export function nonEmptyString(value: unknown): string {
  if (typeof value !== "string" || value === "") throw new Error("must be a non-empty string");
  return value;
}

/** An object with exactly these fields, each a non-empty string. */
export function strings<K extends string>(...keys: readonly K[]): (value: unknown) => Readonly<Record<K, string>> {
  return (value) => {
    const fields = Object.entries(value ?? {}) as [K, unknown][];
    if (fields.length !== keys.length || fields.some(([key, field]) => !keys.includes(key) || !field)) {
      throw new Error(`must be an object with ${keys.join(", ")}`);
    }
    return Object.fromEntries(fields.map(([key, field]) => [key, nonEmptyString(field)])) as Record<K, string>;
  };
}

/** A variable that may be unset. */
export function optional<T, O = T>(read: Reader<T>, otherwise: O): Reader<T | O> & { readonly otherwise: O } {
  return Object.assign((value: string): T | O => read(value), { otherwise });
}

/** The bucket of a dataset or model, by the variable that maps names to buckets. */
export function bucketOf(variable: string, buckets: ReadonlyMap<string, string>, name: string): string {
  const bucket = buckets.get(name);
  if (bucket === undefined) throw new Error(`${variable} has no bucket for ${name}`);
  return bucket;
}

/** A positive number, as the value of a map. */
function positive(value: unknown): number {
  if (typeof value !== "number" || !(value > 0)) throw new Error("must be a number above 0");
  return value;
}

/** Variables of handlers that read records: the currencies of their amounts. */
export const money = {
  CURRENCY: text,
  CURRENCY_RATES: optional(mapOf(positive), new Map<string, number>()),
  OPERATOR_CURRENCIES: optional(mapOf(nonEmptyString), new Map<string, string>()),
} as const;

export const moneyOf = (environment: Environment<typeof money>): Money => ({
  currency: environment.CURRENCY,
  rates: environment.CURRENCY_RATES,
  operators: environment.OPERATOR_CURRENCIES,
});

/** Variables that every handler has. */
export const common = { ENVIRONMENT: text, LOG_LEVEL: optional(text, "INFO") } as const;

/** Reads every variable at once, so that one failed start names all that is wrong with the configuration. */
export function parseEnvironment<R extends Readers>(readers: R, source = process.env): Environment<R> {
  const wrong: string[] = [];
  const entries = Object.entries(readers).map(([name, read]) => {
    const value = source[name];
    if (value === undefined || value === "") {
      if ("otherwise" in read) return [name, read.otherwise] as const;
      wrong.push(`${name} is missing`);
      return [name, undefined] as const;
    }
    try {
      return [name, read(value)] as const;
    } catch (error) {
      wrong.push(`${name} ${(error as Error).message}`);
      return [name, undefined] as const;
    }
  });
  if (wrong.length > 0) throw new Error(`The function's environment is wrong: ${wrong.join("; ")}`);
  return Object.fromEntries(entries) as Environment<R>;
}
