/**
 * Parsers of what comes from outside: JSON in environment variables, inputs of functions, files of a run. They are this
 * small because every cold start loads them; zod alone would take 43 ms (docs/decisions/0001-compiled-validators.md).
 */

/** Returns the value with its type. Throws a `Mismatch` when it is something else. */
export type Parser<T> = (value: unknown) => T;

export type Parsed<P> = P extends Parser<infer T> ? T : never;

/** Says where a value is not what it should be, and what it should be. Never quotes the value: it may be a player's. */
export class Mismatch extends TypeError {
  override readonly name = "Mismatch";

  constructor(
    /** Such as `labelling.maximumTasks` or `keys[0]`; empty for the whole value. */
    readonly path: string,
    readonly said: string,
  ) {
    super(path === "" ? said : `${path} ${said}`);
  }
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (value === "") return "an empty string";
  if (Number.isNaN(value)) return "no number";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

const mismatch = (expected: string, value: unknown): Mismatch =>
  new Mismatch(
    "",
    value === undefined ? `is missing; it must be ${expected}` : `must be ${expected} (found ${kindOf(value)})`,
  );

/** Puts an error under the part of a value that it is about, such as `[0]` or `.model`. */
const under = (error: unknown, name: string): unknown =>
  error instanceof Mismatch ? new Mismatch(name + error.path.replace(/^(?=[^[])/, "."), error.said) : error;

function parseField<T>(parser: Parser<T>, value: unknown, name: string): T {
  try {
    return parser(value);
  } catch (error) {
    throw under(error, name);
  }
}

/** Makes a parser of values that a type guard accepts; `expected` says in words what that is. */
export const is =
  <T>(expected: string, accepts: (value: unknown) => value is T): Parser<T> =>
  (value) => {
    if (accepts(value)) return value;
    throw mismatch(expected, value);
  };

/** Parses a string of at least one character. */
export const text = is("a non-empty string", (value): value is string => typeof value === "string" && value !== "");

export const boolean = is("true or false", (value) => typeof value === "boolean");

/** Makes a parser of finite numbers within bounds, which may be exact. */
export const number = (least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY): Parser<number> =>
  is(
    `a number${inWords(least, most)}`,
    (value): value is number => typeof value === "number" && Number.isFinite(value) && value >= least && value <= most,
  );

export const integer = (least: number, most = Number.MAX_SAFE_INTEGER): Parser<number> =>
  is(
    `a whole number${inWords(least, most)}`,
    (value): value is number =>
      typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most,
  );

function inWords(least: number, most: number): string {
  if (most < Number.MAX_SAFE_INTEGER) return ` from ${least} to ${most}`;
  return least > Number.NEGATIVE_INFINITY ? ` of at least ${least}` : "";
}

/** Makes a parser of strings by their length, and by a form that `expected` says in words. */
export const textOf = (expected: string, most: number, form = /^/): Parser<string> =>
  is(
    `${expected} of 1 to ${most} characters`,
    (value): value is string =>
      typeof value === "string" && value.length >= 1 && value.length <= most && form.test(value),
  );

export const oneOf = <const W extends string>(...words: readonly W[]): Parser<W> =>
  is(`one of ${words.join(", ")}`, (value): value is W => words.some((word) => word === value));

export const exactly = <const T extends string | number>(wanted: T): Parser<T> =>
  is(`${wanted}`, (value): value is T => value === wanted);

/** Takes anything at all, for values that are handed on as they are. */
export const anything: Parser<unknown> = (value) => value;

export const nullable =
  <T>(parser: Parser<T>): Parser<T | null> =>
  (value) =>
    value === null ? null : parser(value);

/** Makes a parser of a field that may be missing. */
export const optional = <T>(parser: Parser<T>): Parser<T | undefined> & { readonly isOptional: true } =>
  Object.assign((value: unknown) => (value === undefined ? undefined : parser(value)), { isOptional: true as const });

export const arrayOf =
  <T>(parser: Parser<T>): Parser<readonly T[]> =>
  (value) => {
    if (!Array.isArray(value)) throw mismatch("an array", value);
    const parsed: T[] = [];
    try {
      // Lines of captured traffic have 50 entries each: their names are made for an error only.
      for (const entry of value) parsed.push(parser(entry));
    } catch (error) {
      throw under(error, `[${parsed.length}]`);
    }
    return parsed;
  };

/** Makes a parser of arrays with at least one entry. */
export const someOf = <T>(parser: Parser<T>): Parser<readonly [T, ...T[]]> => {
  const parse = arrayOf(parser);
  return (value) => {
    const [first, ...others] = parse(value);
    if (first === undefined) throw new Mismatch("", "must have at least one entry");
    return [first, ...others];
  };
};

const fieldsOf = is(
  "an object",
  (value): value is Readonly<Record<string, unknown>> =>
    typeof value === "object" && value !== null && !Array.isArray(value),
);

const entriesOf = <T>(parser: Parser<T>, value: unknown): [string, T][] =>
  Object.entries(fieldsOf(value)).map(([name, entry]) => [name, parseField(parser, entry, name)]);

/**
 * Makes a parser of objects whose values all are of one kind; they become a Map, in which a name such as `__proto__`
 * finds nothing.
 */
export const mapOf =
  <T>(parser: Parser<T>): Parser<ReadonlyMap<string, T>> =>
  (value) =>
    new Map(entriesOf(parser, value));

/** Makes a parser of objects whose values all are of one kind, whatever their names. */
export const recordOf =
  <T>(parser: Parser<T>): Parser<Readonly<Record<string, T>>> =>
  (value) =>
    Object.fromEntries(entriesOf(parser, value));

type Shape = Readonly<Record<string, Parser<unknown>>>;
type OptionalKey<S extends Shape> = { [K in keyof S]: S[K] extends { isOptional: true } ? K : never }[keyof S];

export type ObjectOf<S extends Shape> = { readonly [K in Exclude<keyof S, OptionalKey<S>>]: Parsed<S[K]> } & {
  readonly [K in OptionalKey<S>]?: Exclude<Parsed<S[K]>, undefined>;
};

/** Makes a parser of objects with these fields; it leaves out any others. */
export const object = <S extends Shape>(shape: S): Parser<ObjectOf<S>> => {
  const parsers = Object.entries(shape);
  return (value) => {
    const fields = fieldsOf(value);
    const parsed: Record<string, unknown> = {};
    for (const [name, parser] of parsers) {
      const field = parseField(parser, fields[name], name);
      if (field !== undefined) parsed[name] = field;
    }
    return parsed as ObjectOf<S>;
  };
};

/** Makes a parser of objects with these fields and no others, for what people and other systems send. */
export const closed = <S extends Shape>(shape: S): Parser<ObjectOf<S>> => {
  const parser = object(shape);
  return (value) => {
    if (Object.keys(fieldsOf(value)).some((name) => !Object.hasOwn(shape, name))) {
      throw new Mismatch("", `has a field that is not known; it may have ${Object.keys(shape).join(", ")}`);
    }
    return parser(value);
  };
};

/** Parses an object by whether it has a field. */
export const ifHas =
  <T, O>(field: string, then: Parser<T>, otherwise: Parser<O>): Parser<T | O> =>
  (value) =>
    Object.hasOwn(fieldsOf(value), field) ? then(value) : otherwise(value);

type ByField<F extends string, P extends Readonly<Record<string, Parser<object>>>> = {
  readonly [Word in keyof P]: Readonly<Record<F, Word>> & Parsed<P[Word]>;
}[keyof P];

/** Makes a parser of objects that a field tells apart: each of its words has a parser, and the object keeps the word. */
export const byField =
  <F extends string, P extends Readonly<Record<string, Parser<object>>>>(field: F, parsers: P): Parser<ByField<F, P>> =>
  (value) => {
    const word = parseField(oneOf(...Object.keys(parsers)), fieldsOf(value)[field], field);
    const parsed = parsers[word]?.(value);
    // The compiler does not see that it is the parser of this very word.
    return { [field]: word, ...parsed } as unknown as ByField<F, P>;
  };

/** Parses a document, which errors name: `<document> <path> must be …`. */
export function parse<T>(parser: Parser<T>, value: unknown, document: string): T {
  try {
    return parser(value);
  } catch (error) {
    throw error instanceof Mismatch ? new TypeError(`${document} ${error.message}`) : error;
  }
}

/** Parses the text of a JSON document. The words of `JSON.parse` would quote it. */
export const json =
  <T>(parser: Parser<T>) =>
  (value: string): T => {
    let parsed: unknown;
    try {
      parsed = JSON.parse(value);
    } catch {
      throw new Mismatch("", "is not JSON");
    }
    return parser(parsed);
  };

/** Parses the text of a JSON document, which errors name. */
export const parseJson = <T>(parser: Parser<T>, value: string, document: string): T =>
  parse(() => json(parser)(value), value, document);
