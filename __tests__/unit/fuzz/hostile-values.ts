import fc from "fast-check";

/**
 * Arbitraries of what nobody sane would send: values, and records and other JSON that are right but for some of them.
 */

/** Told apart from everything else in answers and logs: where it appears, something of a player leaked. */
export const CANARY = "canary-7f3a";

/** JSON that no value is written as; each stands in values by its name. */
const TEXTS: Readonly<Record<string, string>> = {
  "@deep": `${"[".repeat(10_000)}${"]".repeat(10_000)}`,
  "@deep objects": `${'{"a":'.repeat(10_000)}0${"}".repeat(10_000)}`,
  "@beyond": "1e999",
  "@below": "-1e-999",
  "@digits": "9".repeat(400),
  "@twice": '{"a":1,"a":2,"__proto__":{"a":3}}',
};

/** The JSON of a value, with the texts that it names. */
export const written = (value: unknown): string =>
  JSON.stringify(value).replace(/"(@[a-z ]+)"/g, (name, key: string) => TEXTS[key] ?? name);

const awkward: readonly unknown[] = [
  null,
  true,
  "",
  " ",
  0,
  -0,
  -1,
  0.1,
  1e-320,
  1e21,
  1e308,
  2 ** 53,
  [],
  {},
  [[]],
  { length: 1e9 },
  "NaN",
  "null",
  "__proto__",
  "constructor",
  "2099-12-12T00:00:00Z",
  "0001-01-01T00:00:00Z",
  "9999-12-31",
  "2026-02-30",
  "2026-11-01T24:00:60+14:00",
  "\u0000",
  "\ud83d",
  "<script>alert(1)</script>",
  "'; DROP TABLE players; --",
  "{% $states.input %}",
  `${CANARY} someone@example.org`,
  "é".repeat(300),
];

export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...awkward) },
  { weight: 1, arbitrary: fc.constantFrom(...Object.keys(TEXTS)) },
  { weight: 4, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.double({ noNaN: true }) },
  { weight: 1, arbitrary: fc.array(fc.constantFrom(...awkward), { minLength: 50, maxLength: 200 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 300 }).map(nested) },
);

function nested(depth: number): unknown {
  let value: unknown = 0;
  for (let n = 0; n < depth; n += 1) value = n % 2 ? [value] : { a: value };
  return value;
}

const hostileName = fc.oneof(
  fc.constantFrom("__proto__", "constructor", "toString", "a/b~c", "", "dataset ", "DATASET", "é"),
  fc.string({ maxLength: 300 }),
);

type Mutation = { readonly at: number; readonly how: "replace" | "remove" | "add" | "repeat" };
const mutation: fc.Arbitrary<readonly [Mutation, unknown, string]> = fc.tuple(
  fc.record({ at: fc.nat(), how: fc.constantFrom("replace", "remove", "add", "repeat") }),
  hostileValue,
  hostileName,
);

/** Copies of a JSON value with some things changed: none to three. */
export const mutated = <T>(value: T, most = 3): fc.Arbitrary<{ readonly value: unknown; readonly mutations: number }> =>
  fc.array(mutation, { maxLength: most }).map((mutations) => ({
    value: mutations.reduce<unknown>(
      (sofar, [how, put, name]) => mutate(sofar, how, structuredClone(put), name),
      structuredClone(value),
    ),
    mutations: mutations.length,
  }));

function mutate(document: unknown, { at, how }: Mutation, value: unknown, name: string): unknown {
  const places = placesOf(document);
  const place = places[at % places.length];
  if (place === undefined) return value;
  const [holder, key] = place;
  if (Array.isArray(holder)) {
    if (how === "remove") holder.splice(Number(key), 1);
    else if (how === "repeat") holder.push(holder[Number(key)]);
    else holder[Number(key)] = value;
  } else if (how === "remove") delete holder[key];
  // By definition, so that `__proto__` becomes a field as JSON's parser makes it one.
  else Object.defineProperty(holder, how === "add" ? name : key, { value, ...OPEN });
  return document;
}

const OPEN = { enumerable: true, configurable: true, writable: true };

type Place = readonly [holder: Record<string, unknown> | unknown[], key: string];

function placesOf(value: unknown): Place[] {
  const places: Place[] = [];
  const open = [value];
  for (let holder = open.pop(); holder !== undefined; holder = open.pop()) {
    if (typeof holder !== "object" || holder === null) continue;
    for (const [key, each] of Object.entries(holder)) {
      places.push([holder as Record<string, unknown>, key]);
      open.push(each);
    }
  }
  return places;
}

/** A text with pieces cut out, doubled or put in. */
export const damaged = (text: string): fc.Arbitrary<string> =>
  fc
    .array(
      fc.tuple(fc.nat(text.length), fc.nat(30), fc.oneof(fc.constant(""), fc.constantFrom(...PIECES), fc.string())),
      { minLength: 1, maxLength: 3 },
    )
    .map((cuts) =>
      cuts.reduce((sofar, [start, length, put]) => sofar.slice(0, start) + put + sofar.slice(start + length), text),
    );

const PIECES = [
  "{",
  "}",
  "[",
  "]",
  '"',
  ",",
  ":",
  "NaN",
  "-Infinity",
  "1e999",
  "\\u",
  "\u0000",
  "\ufeff",
  "//",
  "0x1",
  "[".repeat(10_000),
];
