import fc from "fast-check";
import { beforeInitialDeposit } from "../../../catalogue/datasets/before-initial-deposit";
import { gamblingBehaviour } from "../../../catalogue/datasets/gambling-behaviour";
import { models } from "../../../catalogue/models";
import type { ObjectStore } from "../../../handlers/lib/aws/objects";
import { createTelemetry } from "../../../handlers/lib/util/telemetry";
import { createHandler } from "../../../handlers/retraining/prepare/handler";
import { FakeBuckets } from "../handlers/fakes";
import { catchOutput } from "../handlers/output";
import { samples } from "../handlers/samples";
import { CANARY, damaged, hostileValue, mutated, written } from "./hostile-values";
import { fuzz } from "./runner";

const output = catchOutput();
const datasets = [beforeInitialDeposit, gamblingBehaviour];
/** One object of the data bucket, in pieces as a network delivers them, and what was uploaded of it. */
let object: readonly Buffer[] = [];
let uploaded = new Map<string, string>();
const each = (names: readonly string[]) => new Map(names.map((name) => [name, name]));
const deps = {
  environment: {
    CURRENCY: "EUR",
    CURRENCY_RATES: new Map<string, number>(),
    OPERATOR_CURRENCIES: new Map<string, string>(),
    DATA_BUCKETS: each(datasets.map(({ name }) => name)),
    MODEL_BUCKETS: each(models.map(({ name }) => name)),
  },
  telemetry: createTelemetry("prepare", { ENVIRONMENT: "test", LOG_LEVEL: "INFO" }),
  buckets: (): ObjectStore => ({
    ...new FakeBuckets().open("none"),
    open: async () =>
      (async function* () {
        yield* object;
      })(),
    text: async () => "{}",
    put: async (key, body) => {
      uploaded.set(key, String(body));
    },
  }),
};
const handlers = new Map<string, ReturnType<typeof createHandler>>([
  [beforeInitialDeposit.name, createHandler(beforeInitialDeposit, deps)],
  [gamblingBehaviour.name, createHandler(gamblingBehaviour, deps)],
]);

const outcomes: readonly object[] = [
  { label: { value: 1, source: "operator", at: "2026-11-20T00:00:00Z" } },
  { selfExcludedAt: "2026-11-20T00:00:00Z", firstBetAt: "2026-01-01T00:00:00Z" },
  { observedUntil: "2026-11-20T00:00:00Z", stake: 12.5 },
];

const line = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom(...samples), fc.constantFrom(...outcomes))
      .chain(([record, outcome]) => mutated({ ...short(record), outcome }))
      .map(({ value }) => written(value)),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(...samples)
      .chain((record) => damaged(JSON.stringify({ ...short(record), outcome: {} }))),
  },
  {
    weight: 1,
    arbitrary: fc.oneof(fc.json(), fc.string(), hostileValue.map(written)),
  },
);

function short(record: (typeof samples)[number]) {
  const days = "days" in record ? { days: (record.days as unknown[]).slice(-3) } : {};
  return { ...record, ...days, playerId: `${CANARY}-player` };
}

const sent = fc.record({
  model: fc.constantFrom(...models),
  lines: fc.array(line, { minLength: 1, maxLength: 5 }),
  end: fc.constantFrom("\n", "\r\n", "\n\n", "\r"),
  cut: fc.nat(2_000),
});

const sum = (numbers: Readonly<Record<string, number>>) => Object.values(numbers).reduce((all, one) => all + one, 0);
const isNumber = (value: string) => value === "nan" || Number.isFinite(Number(value));

fuzz("training line", {
  runs: 800,
  input: sent,
  holds: async ({ model, lines, end, cut }) => {
    const bytes = Buffer.from(lines.join(end));
    object = [bytes.subarray(0, cut), bytes.subarray(cut)];
    uploaded = new Map();
    output.forget();
    const handler = handlers.get(model.dataset) as ReturnType<typeof createHandler>;
    const counts = await handler(
      { model: model.name, runId: "run-1", keys: ["records/a.jsonl"], modified: [0], newSince: 0, again: false },
      { getRemainingTimeInMillis: () => 900_000 },
    );
    // Whatever is no row, and no row to be labelled, is good for nothing or a rejection.
    expect(counts.lines).toBe(sum(counts.rows) + counts.unlabelled + counts.unused + counts.rejected);
    expect(sum(counts.sources)).toBe(sum(counts.rows));

    const filesIn = (folder: string) =>
      [...uploaded].flatMap(([key, text]) => (key.includes(`/${folder}/`) ? text.trimEnd().split("\n") : []));
    const columns = 2 + (datasets.find(({ name }) => name === model.dataset)?.features.length ?? 0);
    const rows = ["train", "validation", "test"].flatMap(filesIn).map((row) => row.split(","));
    expect(rows.filter((row) => row.length !== columns || !row.every(isNumber))).toEqual([]);

    const rejected = filesIn("rejected").map((text) => JSON.parse(text));
    expect(rejected).toHaveLength(counts.rejected);
    // Pointers name fields, and a broken line may take a value for a name; words are ours.
    const unexplained = rejected.filter(
      ({ key, line: number, problems }) =>
        key !== "records/a.jsonl" ||
        !(number > 0) ||
        problems.length === 0 ||
        problems.some(({ message }: { message: string }) => !/\w{2}/.test(message) || message.includes(CANARY)),
    );
    expect(unexplained).toEqual([]);
    expect(output.text()).not.toContain(CANARY);
  },
});
