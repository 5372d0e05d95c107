/** The worst JSON there is for each kind of a schema's keywords, of about so many bytes. */

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly [keyword: string]: unknown;
}

/** Something awful: what it is, and the JSON text of a value, or of an object's fields. */
type Attack = readonly [what: string, text: (bytes: number) => string];

const times = (text: string, bytes: number) => text.repeat(Math.ceil(bytes / text.length));
const list = (item: string, bytes: number) => `[${times(`${item},`, bytes)}${item}]`;
const nested = (open: string, close: string, bytes: number) => {
  const depth = Math.ceil(bytes / (open.length + close.length));
  return `${open.repeat(depth)}0${close.repeat(depth)}`;
};
const names = (bytes: number) => Array.from({ length: bytes / 9 }, (_, n) => `"a${n.toString(36)}":0`).join();

const ANYWHERE: readonly Attack[] = [
  ["arrays in arrays", (bytes) => nested("[", "]", bytes)],
  ["objects in objects", (bytes) => nested('{"a":', "}", bytes)],
];

/** The worst value, by the type that a schema asks for. */
const ATTACKS: Record<string, readonly Attack[]> = {
  array: [
    ["zeros", (bytes) => list("0", bytes)],
    ["objects", (bytes) => list("{}", bytes)],
    ["texts", (bytes) => list('""', bytes)],
    ["arrays", (bytes) => list("[]", bytes)],
  ],
  string: [
    ["letters", (bytes) => `"${times("a", bytes)}"`],
    ["digits", (bytes) => `"${times("1", bytes)}"`],
    ["letters with a wrong one at the end", (bytes) => `"${times("a", bytes)}@"`],
    ["separators of instants", (bytes) => `"${times("t", bytes)}"`],
    ["separators of dates", (bytes) => `"${times("2026-", bytes)}"`],
    ["an instant to the last attosecond", (bytes) => `"2026-11-01T00:00:00.${times("0", bytes)}Z"`],
    ["an instant without an end", (bytes) => `"2026-11-01T00:00:00.${times("0", bytes)}"`],
    ["surrogate pairs", (bytes) => `"${times("😀", bytes / 2)}"`],
    ["half pairs", (bytes) => `"${times("\\ud83d", bytes)}"`],
    ["control characters", (bytes) => `"${times("\\u0000", bytes)}"`],
  ],
  number: [
    ["digits", (bytes) => times("1", bytes)],
    ["digits behind the point", (bytes) => `1.${times("1", bytes)}`],
    ["an exponent of digits", (bytes) => `1e${times("1", bytes)}`],
    ["a negative exponent of digits", (bytes) => `-1e-${times("1", bytes)}`],
  ],
};
ATTACKS.integer = ATTACKS.number as readonly Attack[];

/** Put among an object's fields. */
const FIELDS: readonly Attack[] = [
  ["fields", names],
  ["one field of a long name", (bytes) => `"${times("a", bytes)}":0`],
  ["one field of a long name to escape", (bytes) => `"${times("~/", bytes)}":0`],
  ["one field many times", (bytes) => `${times('"age":0,', bytes)}"age":0`],
  ["a prototype many times", (bytes) => `${times('"__proto__":{},', bytes)}"__proto__":{}`],
];

export interface WorstValue {
  /** Keywords of the schema, the place in the record, and what is put there. */
  readonly name: string;
  readonly path: readonly (string | number)[];
  /** Set where the text goes among the fields of the object there, and does not replace what is there. */
  readonly among: boolean;
  readonly text: (bytes: number) => string;
}

/** The attacks on each place of a schema; of places that have the same keywords, on the first. */
export function worstValues(schema: Schema, path: readonly (string | number)[] = [], seen = new Set()): WorstValue[] {
  const { properties = {}, items, anyOf = [], type, ...others } = schema;
  const keywords = Object.keys(schema)
    .filter((keyword) => keyword !== "required")
    .join(", ");
  const attacksOn = (attacks: readonly Attack[], among: boolean) =>
    attacks.map(([what, text]) => ({ name: `${what} at /${path.join("/")} (${keywords})`, path, among, text }));
  const own = seen.has(keywords)
    ? []
    : [
        ...(path.length > 0 ? attacksOn([...(ATTACKS[type ?? typeof others.const] ?? []), ...ANYWHERE], false) : []),
        ...(type === "object" ? attacksOn(FIELDS, true) : []),
      ];
  seen.add(keywords);
  return [
    ...own,
    ...Object.entries(properties).flatMap(([name, field]) => worstValues(field, [...path, name], seen)),
    ...(items ? worstValues(items, [...path, 0], seen) : []),
    ...anyOf.flatMap((branch) => worstValues(branch, path, seen)),
  ];
}

/** A record's JSON with a worst value in it. */
export function withWorst(record: object, { path, among, text }: WorstValue, bytes: number): string {
  const copy = structuredClone(record) as Record<string, unknown>;
  const place = among ? [...path, "MARK"] : path;
  place.slice(0, -1).reduce<Record<string | number, unknown>>((at, key, depth) => {
    at[key] ??= typeof place[depth + 1] === "number" ? [] : {};
    return at[key] as Record<string, unknown>;
  }, copy)[place.at(-1) as string] = "MARK";
  return JSON.stringify(copy).replace(among ? '"MARK":"MARK"' : '"MARK"', () => text(bytes));
}

/** At most so many bytes has the JSON of a value that a schema takes, if numbers are written in 25 characters. */
export function longestOf({ properties = {}, items, maxItems, maxLength, ...schema }: Schema): number {
  const fields = Object.entries(properties).map(([name, field]) => name.length + 4 + longestOf(field));
  const own = typeof maxLength === "number" ? 2 + maxLength : 50;
  const least = schema.type === "string" ? own : 25;
  return Math.max(least, sum(fields) + 2, items ? 2 + (maxItems as number) * (1 + longestOf(items)) : 0);
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
