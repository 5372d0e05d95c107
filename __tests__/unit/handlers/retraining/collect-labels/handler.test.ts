import type { Unlabelled } from "../../../../../contracts/run-layout";
import type { LabelStore } from "../../../../../handlers/lib/labelling/store";
import { serialise } from "../../../../../handlers/retraining/ask-labellers/logic";
import { createHandler } from "../../../../../handlers/retraining/collect-labels/handler";
import { FakeBuckets, fakeTelemetry } from "../../fakes";

const close = jest.fn<ReturnType<LabelStore["close"]>, Parameters<LabelStore["close"]>>();
const tasks = jest.fn<ReturnType<LabelStore["tasks"]>, Parameters<LabelStore["tasks"]>>();

const MODEL = "gambling-behaviour-problem-gambling";
const buckets = new FakeBuckets();
const output = fakeTelemetry();
const handler = createHandler({
  environment: { MODEL_BUCKETS: new Map([[MODEL, "harm"]]) },
  telemetry: output.telemetry,
  buckets: buckets.open,
  labels: { close, tasks },
});

const row = (task: string, split: Unlabelled["split"]): Unlabelled => ({
  task,
  playerId: `player of ${task}`,
  operatorId: "operator-1",
  asOf: "2026-11-01T00:00:00Z",
  split,
  context: "18-24,f,NL",
  row: "1,,3",
  weight: 1,
});
const object = (key: string, text: string) => buckets.store(`harm/rows/run-1/labelling/${key}`, text);
const asked = (...rows: readonly Unlabelled[]) => object("asked.jsonl", serialise(rows));
beforeEach(() => {
  buckets.reset();
  close.mockReset().mockResolvedValue(undefined);
  tasks.mockReset().mockResolvedValue(new Map());
});
const written = () => buckets.puts;
const before = {
  ...{ train: 300, validation: 60, test: 50, positives: { train: 30, validation: 6, test: 5 } },
  ...{
    newlyLabelled: 0,
    outOfTime: 0,
    unlabelled: 90,
    unused: 0,
    duplicates: 1,
    rejected: 2,
    lines: 503,
    bytes: 5030,
    rejectedBytes: 20,
  },
};
const input = { model: MODEL, runId: "run-1", from: "people", job: "vwt-m-run-1-g", rows: before };

test("makes rows of what was agreed on, once the run waits no more", async () => {
  asked(row("a", "train"), row("b", "test"), row("c", "train"));
  tasks.mockImplementation(async () => {
    // Answers that come from now on are for the next run.
    expect(close).toHaveBeenCalledWith(MODEL, "run-1");
    return new Map([
      ["a", { status: "agreed", label: 1, chosen: "lot" }],
      ["b", { status: "agreed", label: 0, chosen: "lot" }],
    ]);
  });
  expect(await handler(input)).toEqual({
    people: { asked: 3, agreed: 2, disputed: 0, open: 1 },
    rows: { ...before, train: 301, test: 51, positives: { train: 31, validation: 6, test: 5 }, unlabelled: 88 },
  });
  expect(tasks).toHaveBeenCalledWith(["a", "b", "c"]);
  expect(written()).toEqual([
    ["harm", "rows/run-1/train/labelled-0.csv", "1,1,1,nan,3\n"],
    ["harm", "rows/run-1/test/labelled-0.csv", "0,1,1,nan,3\n"],
    ["harm", "rows/run-1/context/labelled-0.csv", "ageBand,gender,country,player\n18-24,f,NL\n"],
  ]);
  expect(output.text()).toContain('"agreed":2');
  expect(output.text()).not.toContain("player of");
});

test("nobody was asked: nothing to write", async () => {
  asked();
  expect(await handler(input)).toMatchObject({ people: { asked: 0, agreed: 0 }, rows: before });
  expect(close).toHaveBeenCalledTimes(1);
  expect(written()).toEqual([]);
});

test("without the rows that were asked about it fails, and leaves the run as it is", async () => {
  await expect(handler(input)).rejects.toMatchObject({ name: "NoSuchKey" });
  expect(close).not.toHaveBeenCalled();
});

test("answers that cannot be read fail the run", async () => {
  asked(row("a", "train"));
  tasks.mockRejectedValue(new Error("AccessDenied"));
  await expect(handler(input)).rejects.toThrow("AccessDenied");
  expect(written()).toEqual([]);
});

describe("from Ground Truth", () => {
  const groundTruth = { ...input, from: "ground-truth" };
  const line = (task: string, name?: string) =>
    `${JSON.stringify({
      source: "Age: 30 years",
      task,
      ...(name && { answer: 1, "answer-metadata": { "class-name": name, confidence: 0.9 } }),
    })}\n`;

  test("makes rows of the answers in the job's output manifest, and asks no label table", async () => {
    asked(row("a", "train"), row("b", "validation"), row("c", "train"), row("d", "train"), row("e", "test"));
    object(
      "ground-truth/output/vwt-m-run-1-g/manifests/output/output.manifest",
      [
        line("b", "no-problem-gambling"),
        line("a", "problem-gambling"),
        line("c", "cannot-tell"),
        line("d"),
        // Not one that was asked about.
        line("x", "problem-gambling"),
      ].join(""),
    );
    expect(await handler(groundTruth)).toEqual({
      people: { asked: 5, agreed: 2, disputed: 1, open: 2 },
      rows: { ...before, train: 301, validation: 61, positives: { ...before.positives, train: 31 }, unlabelled: 88 },
    });
    expect(written()).toEqual([
      ["harm", "rows/run-1/train/labelled-0.csv", "1,1,1,nan,3\n"],
      ["harm", "rows/run-1/validation/labelled-0.csv", "0,1,1,nan,3\n"],
    ]);
    expect(close).not.toHaveBeenCalled();
    expect(tasks).not.toHaveBeenCalled();
  });

  test("a job without an output manifest fails the run", async () => {
    asked(row("a", "train"));
    await expect(handler(groundTruth)).rejects.toMatchObject({ name: "NoSuchKey" });
  });
});

test("refuses a model without a bucket", async () => {
  await expect(handler({ ...input, model: "poker" })).rejects.toThrow("MODEL_BUCKETS has no entry for poker");
});

test.each([
  [{ ...input, from: "robots" }, "input from must be one of people, ground-truth (found a string)"],
  [{ ...input, job: undefined }, "input job is missing; it must be a non-empty string"],
  [{ ...input, rows: { ...before, train: -1 } }, "input rows.train must be a whole number of at least 0"],
])("an input %j is refused", async (wrong, message) => {
  await expect(handler(wrong)).rejects.toThrow(message);
});

test.each([
  ["{}", "labelling/asked.jsonl, line 1, task is missing"],
  ['{"task": player-1', "labelling/asked.jsonl, line 1, is not JSON"],
])("rows %s that are none fail the run", async (line, message) => {
  object("asked.jsonl", line);
  await expect(handler(input)).rejects.toThrow(message);
});
