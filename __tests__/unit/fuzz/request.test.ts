import fc from "fast-check";
import { models } from "../../../catalogue/models";
import { catchOutput } from "../handlers/output";
import { samples } from "../handlers/samples";
import { wholePath } from "../handlers/whole-path";
import { CANARY, damaged, hostileValue, mutated, written } from "./hostile-values";
import { fuzz } from "./runner";

const output = catchOutput();
const { send } = wholePath([`${CANARY}-operator`]);

/** Records of both datasets that are right, and short, so that many can be tried. */
const good = samples.map((record) => ({
  ...record,
  ...("days" in record && { days: (record.days as unknown[]).slice(-3) }),
  playerId: `${CANARY}-player`,
  operatorId: `${CANARY}-operator`,
}));

const record = fc
  .constantFrom(...good)
  .chain((each) =>
    fc.oneof(
      { weight: 9, arbitrary: mutated(each) },
      { weight: 1, arbitrary: hostileValue.map((value) => ({ value, mutations: 1 })) },
    ),
  );

/** A batch, and which of its records nobody touched. */
const batch = fc.array(record, { minLength: 1, maxLength: 4 }).map((records) => ({
  body: written({ records: records.map(({ value }) => value) }),
  untouched: records.flatMap(({ value, mutations }, index) =>
    mutations === 0 ? [{ index, record: value as (typeof good)[number] }] : [],
  ),
}));

const anyBody = fc.oneof(
  { weight: 8, arbitrary: batch },
  { weight: 2, arbitrary: batch.chain(({ body }) => damaged(body)).map((body) => ({ body, untouched: [] })) },
  { weight: 1, arbitrary: fc.oneof(fc.json(), fc.string()).map((body) => ({ body, untouched: [] })) },
);

const anyHeaders = fc.oneof(
  { weight: 8, arbitrary: fc.constant({ "content-type": "application/json" }) },
  {
    weight: 1,
    arbitrary: fc.dictionary(
      fc.oneof(fc.constantFrom("Content-Type", "content-encoding", "content-type"), fc.string()),
      fc.oneof(fc.constantFrom("application/json;charset=utf8", "gzip", "text/html", ""), fc.string()),
    ),
  },
  { weight: 1, arbitrary: fc.constant(null) },
);

const STATUSES = [200, 400, 403, 413, 415, 422];
const LONGEST_ANSWER = 20_000;
const INSIDE = /\.(ts|js):\d|node_modules|(Type|Range|Syntax|Reference)Error/;

type Sent = typeof anyBody extends fc.Arbitrary<infer T> ? T : never;
type Answered = Awaited<ReturnType<typeof send>>;

/** Invariants of every answer, by what is said when one does not hold. */
function wrongIn({ untouched }: Sent, { statusCode, headers, body }: Answered, log: string): string[] {
  const { predictions = [], ...rest } = JSON.parse(body);
  // Pointers name fields, and a broken body may take a value for a name.
  const messages = rest.errors?.map(({ message }: { message: string }) => message);
  const told = `${JSON.stringify({ ...rest, errors: messages })}\n${log}`;
  const predicted = new Set(predictions.map(({ index, model }: Predicted) => `${index} ${model}`));
  const missing = untouched.flatMap(({ index, record }) =>
    models
      .filter(({ dataset, name }) => dataset === record.dataset && !predicted.has(`${index} ${name}`))
      .map(({ name }) => `record ${index} has no prediction of ${name}`),
  );
  const rules: readonly (readonly [boolean, string])[] = [
    [STATUSES.includes(statusCode), `status ${statusCode}`],
    [body.length < LONGEST_ANSWER, `${body.length} characters`],
    [Array.isArray(rest.errors), "no list of errors"],
    [!told.includes(CANARY), "a player's data in errors or log"],
    [!INSIDE.test(told), "tells of the inside"],
    [rest.requestId === "request-1" && headers["x-request-id"] === "request-1", "another request's id"],
    [statusCode === 200 || isProblem(statusCode, headers, rest), "no problem document"],
  ];
  const broken = rules.filter(([holds]) => !holds).map(([, what]) => what);
  return statusCode === 415 ? broken : [...broken, ...missing];
}

type Predicted = { readonly index: number; readonly model: string };

const isProblem = (status: number, headers: Answered["headers"], document: Readonly<Record<string, unknown>>) =>
  headers["content-type"] === "application/problem+json" &&
  document.status === status &&
  /^urn:vwt:problem:[a-z-]+$/.test(String(document.type)) &&
  [document.title, document.detail].every((text) => typeof text === "string" && text.length > 10);

fuzz("request", {
  // Half of what the strangers sent who tried the system: each kind of body and header still comes a hundred times.
  runs: 2_100,
  input: fc.record({ sent: anyBody, headers: anyHeaders }),
  holds: async ({ sent, headers }) => {
    output.forget();
    const answered = await send(sent.body, headers);
    expect(wrongIn(sent, answered, output.text())).toEqual([]);
  },
});
