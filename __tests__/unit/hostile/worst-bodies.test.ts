import { datasets } from "../../../catalogue/datasets";
import { MAX_RECORD_BYTES } from "../../../handlers/api/filter/logic";
import { catchOutput } from "../handlers/output";
import { samplesOf } from "../handlers/samples";
import { wholePath } from "../handlers/whole-path";
import { longestOf, withWorst, worstValues } from "./worst";

catchOutput();
const { send } = wholePath();

interface Answer {
  readonly predictions: readonly { readonly index: number }[];
  readonly errors: readonly { readonly index: number; readonly retryable?: boolean }[];
}

/** Below the bytes that a record may have, so that it comes to the validators. */
const ONE_RECORD = 60_000;
/** Just below the bytes that a body may have. */
const WHOLE_BODY = 4_900_000;
const NO_JSON = 1_000_000;
/** Attacks of the whole body's size, of those that cost the most; all of them would take a minute of CPU time. */
const AT_FULL_SIZE =
  /^(zeros at .days |surrogate pairs at .asOf|digits at .age|one field of a long name to escape at . )/;
/** An answer may cost so many times what parsing the body and answering a good one cost. */
const TIMES = 8;
const LONGEST_ANSWER = 5_000;

const times = (text: string) => text.repeat(NO_JSON / text.length);

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const batch = (...records: readonly string[]) => `{"records":[${records.join()}]}`;

/** Milliseconds of this process's CPU: other programs have no part in it. */
async function cpu(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Sends a body, again only while it seems to cost too much: the first ones compile, and any may collect garbage. */
async function answerWithin(unavoidable: number, body: string) {
  let answer: Awaited<ReturnType<typeof send>> | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 5 && least > TIMES; tries += 1) {
    const spent = await cpu(async () => {
      answer = await send(body);
    });
    least = Math.min(least, spent / (unavoidable + (await cpu(() => parsed(body)))));
  }
  expect(least).toBeLessThan(TIMES);
  const { statusCode, body: text } = answer as NonNullable<typeof answer>;
  expect(text.length).toBeLessThan(LONGEST_ANSWER);
  return { statusCode, text };
}

describe.each(datasets.map((dataset) => [dataset.name, dataset] as const))("%s", (_, dataset) => {
  const record = samplesOf(dataset.name).at(-1) as object;
  const good = JSON.stringify(record);
  let unavoidable: number;
  beforeAll(async () => {
    await send(batch(good));
    unavoidable = await cpu(() => send(batch(good)));
  });
  const attacks = worstValues(dataset.record.jsonSchema("draft-07"));

  test.each(attacks.map((attack) => [attack.name, attack] as const))("%s", async (_, attack) => {
    const body = batch(withWorst(record, attack, ONE_RECORD), good);
    const { statusCode, text } = await answerWithin(unavoidable, body);
    // The other record has its predictions, and this one, if it is wrong, a reason that is the client's own.
    expect(statusCode).toBe(200);
    const { predictions, errors } = JSON.parse(text) as Answer;
    expect(predictions.map(({ index }) => index)).toContain(1);
    expect(errors.filter(({ index, retryable }) => index !== 0 || retryable !== undefined)).toEqual([]);
  });

  test.each(attacks.filter(({ name }) => AT_FULL_SIZE.test(name)).map((attack) => [attack.name, attack] as const))(
    "%s, as large as a body may be",
    async (_, attack) => {
      const body = batch(withWorst(record, attack, WHOLE_BODY));
      const { statusCode, text } = await answerWithin(unavoidable, body);
      expect(statusCode).toBe(422);
      expect(text).not.toContain("retry");
    },
  );
});

/** Texts that stop being JSON, so that somebody has to look for where. */
const noJson: readonly (readonly [string, string])[] = [
  ["zeros before the fault", `{"records":[${times("0,")}NaN]}`],
  ["objects that do not end", `{"records":[${times('{"a":')}`],
  ["arrays that do not end", `{"records":[${times("[")}`],
  ["a text that does not end", `{"records":["${times("a")}`],
  ["escaped characters", `{"records":["${times("\\u0061")}`],
  ["lines", times("\n")],
  ["spaces", `{"records":[${times(" ")}`],
  ["a name to escape", `{"${times("~/")}":NaN}`],
  ["a word that is none", times("N")],
  ["digits", `{"records":[${times("1")}x]}`],
];

test.each(noJson)("no JSON: %s", async (_, body) => {
  // Such a text costs no parser much; finding the fault may cost what a list of its size does.
  const unavoidable = await cpu(() => JSON.parse(`[${"0,".repeat(body.length / 2)}0]`));
  const { statusCode, text } = await answerWithin(unavoidable, body);
  expect(statusCode).toBe(400);
  expect(JSON.parse(text).errors).toEqual([
    { pointer: expect.any(String), message: expect.stringMatching(/^line \d+, column \d+: /) },
  ]);
});

test("the longest record that the schemas take is far below the bytes that one may have", () => {
  const longest = datasets.map(({ record }) => longestOf(record.jsonSchema("draft-07")));
  expect(Math.max(...longest)).toBeLessThan(MAX_RECORD_BYTES / 1.5);
});
