import { withValue } from "../catalogue/datasets/records";
import { catchOutput } from "../handlers/output";
import { samplesOf } from "../handlers/samples";
import { wholePath } from "../handlers/whole-path";

// What the API refuses, and with which words: the boundary's own contract, from the body's bytes to the answer's.
const output = catchOutput();
const { send } = wholePath();

const deposit = samplesOf("before-initial-deposit").at(-1) as object;
const behaviour = samplesOf("gambling-behaviour").at(-1) as object;
const json = { "content-type": "application/json" };
const batch = (...records: unknown[]) => JSON.stringify({ records });
/** A batch of one record whose JSON holds what no JavaScript value becomes. */
const written = (record: object, pointer: string, text: string) =>
  batch(withValue(record, pointer, "@")).replace('"@"', () => text);

type Refused = readonly [
  what: string,
  body: string,
  status: number,
  errors: Readonly<Record<string, string | RegExp>>,
  headers?: Readonly<Record<string, string>>,
];

const notABatch: readonly Refused[] = [
  ["no content type", batch(deposit), 415, {}, {}],
  ["another content type", batch(deposit), 415, {}, { "content-type": "text/plain" }],
  ["another charset", batch(deposit), 415, {}, { "content-type": "application/json; charset=utf-16" }],
  ["a compressed body", batch(deposit), 415, {}, { ...json, "content-encoding": "gzip" }],
  ["nothing", "", 400, { "": "line 1, column 1: here it stops being JSON" }],
  ["half of a batch", '{"records":[{"playerId":', 400, { "/records/0/playerId": /^line 1, column 25: / }],
  [
    "NaN",
    written(deposit, "/age", "NaN"),
    400,
    { "/records/0/age": /^line 1, column \d+: NaN is no JSON; leave the field out$/ },
  ],
  ["a list", "[]", 400, { "": "must be an object" }],
  ["no records", "{}", 400, { "/records": "is missing" }],
  ["records that are no list", '{"records":{}}', 400, { "/records": "must be an array" }],
  ["no record", '{"records":[]}', 400, { "/records": "must not be empty" }],
  ["more records than 100", batch(...Array(101).fill(0)), 413, { "/records": "has more than 100 records" }],
  ["more bytes than 5 MB", batch("x".repeat(5_000_000)), 413, {}],
];

const DATASETS = "must be one of before-initial-deposit, gambling-behaviour";
const NULL =
  "is null; leave the field out while it is unknown, and a group out of a day on which nothing of it happened";
const INSTANT = "must be an RFC 3339 date-time such as 2026-11-23T12:00:00Z";

const noRecord: readonly Refused[] = [
  ["a text", batch("record"), 422, { "/records/0": "must be an object" }],
  ["a list", batch([deposit]), 422, { "/records/0": "must be an object" }],
  ["null", batch(null), 422, { "/records/0": "must be an object" }],
  ["no dataset", batch(withValue(deposit, "/dataset", undefined)), 422, { "/records/0/dataset": DATASETS }],
  ["an unknown dataset", batch({ ...deposit, dataset: "__proto__" }), 422, { "/records/0/dataset": DATASETS }],
  [
    "another operator",
    batch({ ...deposit, operatorId: "operator-d" }),
    403,
    { "/records/0/operatorId": "is not an operator that you act for" },
  ],
  [
    "another operator, and everything else is wrong too",
    batch({ dataset: "__proto__", operatorId: "" }),
    403,
    { "/records/0/operatorId": "is not an operator that you act for" },
  ],
  [
    "nested too deeply",
    written(deposit, "/kyc", `${"[".repeat(100_000)}${"]".repeat(100_000)}`),
    422,
    { "/records/0": "is nested too deeply" },
  ],
  [
    "a megabyte",
    batch({ ...deposit, note: "x".repeat(1_000_000) }),
    422,
    { "/records/0": /^has 1\d{6} bytes; send at most 262144 for one record$/ },
  ],
  ["no player", batch(withValue(deposit, "/playerId", undefined)), 422, { "/records/0/playerId": "is missing" }],
  [
    "an e-mail address",
    batch({ ...deposit, playerId: "a@example.org" }),
    422,
    { "/records/0/playerId": "must match pattern ^[A-Za-z0-9._:-]+$" },
  ],
  [
    "a pseudonym of 129 characters",
    batch({ ...deposit, playerId: "p".repeat(129) }),
    422,
    { "/records/0/playerId": "must NOT have more than 128 characters" },
  ],
  ["no instant", batch({ ...deposit, asOf: "yesterday" }), 422, { "/records/0/asOf": INSTANT }],
  ["a day that is none", batch({ ...deposit, asOf: "2026-02-30T00:00:00Z" }), 422, { "/records/0/asOf": INSTANT }],
  [
    "an instant of a thousand digits",
    batch({ ...deposit, asOf: `2026-11-01T00:00:00.${"0".repeat(1_000)}Z` }),
    422,
    { "/records/0/asOf": "must NOT have more than 1000 characters" },
  ],
  [
    "a time to come",
    batch({ ...deposit, asOf: "2099-12-12T00:00:00Z" }),
    422,
    { "/records/0/asOf": "is in the future; send the instant at which the record was true" },
  ],
  [
    "an unknown date of a database",
    batch({ ...deposit, asOf: "0001-01-01T00:00:00Z" }),
    422,
    { "/records/0/asOf": /^is before 1990, as databases write an unknown date/ },
  ],
  [
    "a field that nobody knows",
    batch({ ...deposit, shoeSize: 44 }),
    422,
    { "/records/0/shoeSize": /not a known field/ },
  ],
  [
    "amounts in another currency",
    batch({ ...deposit, currency: "NOK" }),
    422,
    { "/records/0/currency": "must be one of EUR; convert the amounts, or have a rate configured" },
  ],
  [
    "a currency by its sign",
    batch({ ...deposit, currency: "€" }),
    422,
    { "/records/0/currency": "must match pattern ^[A-Z]{3}$" },
  ],
  [
    "observed days before the first",
    batch({ ...behaviour, observedUntil: "2020-01-01" }),
    422,
    { "/records/0/observedUntil": "is before observedFrom; send the last day that days covers" },
  ],
  ["null", batch({ ...deposit, age: null }), 422, { "/records/0/age": NULL }],
  ["a child", batch({ ...deposit, age: 12 }), 422, { "/records/0/age": "must be >= 18" }],
  ["half a year", batch({ ...deposit, age: 20.5 }), 422, { "/records/0/age": "must be integer" }],
  ["a number as text", batch({ ...deposit, age: "20" }), 422, { "/records/0/age": "must be integer" }],
  ["a number beyond numbers", written(deposit, "/age", "1e999"), 422, { "/records/0/age": /./ }],
  [
    "more days than 90",
    batch(withValue(behaviour, "/days", Array(91).fill({}))),
    422,
    { "/records/0/days": "must NOT have more than 90 items" },
  ],
  ["a day without a date", batch(withValue(behaviour, "/days", [{}])), 422, { "/records/0/days/0/date": "is missing" }],
  [
    "an unknown group",
    batch(withValue(behaviour, "/reported", ["horoscopes"])),
    422,
    { "/records/0/reported/0": /^must be one of deposits, / },
  ],
];

const table = [...notABatch, ...noRecord].map((refused) => [refused[0], refused] as const);

test.each(table)("%s is refused", async (_, [, body, status, errors, headers = json]) => {
  const { statusCode, headers: answered, body: text } = await send(body, headers);
  const { errors: told, ...problem } = JSON.parse(text);
  expect([statusCode, problem.status, answered["content-type"]]).toEqual([status, status, "application/problem+json"]);
  const first = Object.fromEntries(Object.entries(errors).map(([pointer, words]) => [pointer, matching(words)]));
  expect(Object.fromEntries(told.map((error: Told) => [error.pointer, error.message]))).toMatchObject(first);
  if (Object.keys(errors).length === 0) expect(told).toEqual([]);
  // Nothing of the player, neither to the client's log nor to ours.
  expect(`${text}${output.text()}`).not.toMatch(/synthetic-\d|example\.org|horoscopes|yesterday/);
});

interface Told {
  readonly pointer: string;
  readonly message: string;
}

const matching = (words: string | RegExp) => (typeof words === "string" ? words : expect.stringMatching(words));
