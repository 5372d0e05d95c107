import { gamblingBehaviour } from "../../../../../catalogue/datasets/gambling-behaviour";
import { featureHash } from "../../../../../catalogue/datasets/kit/dataset";
import type { Unlabelled } from "../../../../../contracts/run-layout";
import type { AskingRun, LabelStore, NewTask } from "../../../../../handlers/lib/labelling/store";
import { createHandler } from "../../../../../handlers/retraining/ask-labellers/handler";
import { serialise } from "../../../../../handlers/retraining/ask-labellers/logic";
import { FakeBuckets, fakeTelemetry } from "../../fakes";

const ask = jest.fn<ReturnType<LabelStore["ask"]>, Parameters<LabelStore["ask"]>>();
const resume = jest.fn<Promise<void>, [string]>();

const MODEL = "gambling-behaviour-problem-gambling";
const NOW = Date.parse("2026-11-20T10:00:00Z");
const buckets = new FakeBuckets();
const output = fakeTelemetry();
const createdWith = (LABEL_RETENTION_DAYS?: number) =>
  createHandler({
    environment: { MODEL_BUCKETS: new Map([[MODEL, "harm"]]), LABEL_RETENTION_DAYS },
    telemetry: output.telemetry,
    buckets: buckets.open,
    labels: { ask },
    resume,
    now: () => NOW,
  });
const handler = createdWith();

/** Calls of services, in their order. */
let happened: string[];
const noted =
  <T>(what: string, value: T) =>
  async () => {
    happened.push(...buckets.changes.splice(0).map(() => "put"), what);
    return value;
  };
beforeEach(() => {
  buckets.reset();
  happened = [];
  ask.mockReset().mockImplementation(noted("ask", { asked: 2, open: 2 }));
  resume.mockReset().mockImplementation(noted("resume", undefined));
});

const input = {
  model: MODEL,
  runId: "run-1",
  from: "unlabelled",
  labelling: {
    provider: "own",
    minimumForAutomatic: 5_000,
    maximumTasks: 2,
    votesToAgree: 2,
    mostVotes: 3,
    deadlineInSeconds: 3_600,
  },
  token: "token",
};
const row = (task: string): Unlabelled => ({
  task,
  playerId: "player-1",
  operatorId: "operator-1",
  asOf: "2026-11-01T00:00:00Z",
  split: "test",
  context: "18-24,f,NL",
  row: "1,,3",
  weight: 1,
});

/** Objects of rows under the prefix. */
function rows(folder: string, ...parts: readonly (readonly Unlabelled[])[]): void {
  for (const [index, part] of parts.entries()) {
    buckets.store(`harm/rows/run-1/${folder}/part-${index}.jsonl`, serialise(part));
  }
}
const asked = () => ask.mock.calls.map(([tasks]) => tasks.map((task: NewTask) => task.task));
const written = () => buckets.puts;

test("writes what is asked before anybody is asked, and lets the run wait", async () => {
  rows("unlabelled", [row("c"), row("a")], [row("b")]);
  expect(await handler(input)).toEqual({ asked: 2, open: 2 });
  expect(happened).toEqual(["put", "ask"]);
  expect(written()).toEqual([["harm", "rows/run-1/labelling/asked.jsonl", serialise([row("a"), row("b")])]]);
  const [tasks, run] = ask.mock.calls[0] as [readonly NewTask[], AskingRun];
  expect(tasks).toEqual(
    ["a", "b"].map((task) => ({
      task,
      model: MODEL,
      dataset: "gambling-behaviour",
      featureHash: featureHash(gamblingBehaviour),
      playerId: "player-1",
      operatorId: "operator-1",
      asOf: "2026-11-01T00:00:00Z",
      features: [1, null, 3],
    })),
  );
  expect(run).toEqual({
    model: MODEL,
    runId: "run-1",
    chosen: "lot",
    votesToAgree: 2,
    mostVotes: 3,
    token: "token",
    deadline: "2026-11-20T11:00:00.000Z",
  });
  expect(output.text()).toContain('"asked":2');
  expect(output.text()).not.toContain("player-1");
});

test("a run with nothing open goes on at once", async () => {
  rows("unlabelled", [row("a")]);
  ask.mockImplementation(noted("ask", { asked: 1, open: 0 }));
  expect(await handler(input)).toEqual({ asked: 1, open: 0 });
  expect(happened).toEqual(["put", "ask", "resume"]);
  expect(resume.mock.calls).toEqual([["token"]]);
});

test("a run that cannot be told to go on fails, so that it is tried again", async () => {
  rows("unlabelled", [row("a")]);
  ask.mockImplementation(noted("ask", { asked: 1, open: 0 }));
  resume.mockRejectedValue(new Error("ServiceUnavailable"));
  await expect(handler(input)).rejects.toThrow("ServiceUnavailable");
});

test("asks again about the very same rows when it is repeated", async () => {
  rows("unlabelled", [row("c"), row("a")], [row("b")]);
  await handler(input);
  await handler({ ...input, token: "later" });
  expect(asked()).toEqual([
    ["a", "b"],
    ["a", "b"],
  ]);
  const [first, second] = written();
  expect(second).toEqual(first);
  expect(ask.mock.calls[1]?.[1]).toMatchObject({ runId: "run-1", token: "later" });
});

describe("rows that a labelling model is unsure of", () => {
  const { token: _, ...later } = input;
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
  const people = { ...later, from: "labelling/people", rows: before };
  const automatic = { schemaVersion: 1, positive: { labelled: 3 }, negative: { labelled: 40 } };
  beforeEach(() => {
    buckets.store("harm/runs/run-1/automatic/automatic.json", JSON.stringify(automatic));
    ask.mockImplementation(noted("ask", { asked: 2, open: 0 }));
  });

  test("keep the model's order; nobody waits, and what the model labelled is counted and handed on", async () => {
    rows("labelling/people", [row("c"), row("a"), row("b")]);
    expect(await handler(people)).toEqual({
      ...{ asked: 2, open: 0, automatic },
      // To train on, and nothing that judges models.
      rows: { ...before, train: 343, positives: { ...before.positives, train: 33 }, unlabelled: 47 },
    });
    expect(asked()).toEqual([["c", "a"]]);
    expect(ask.mock.calls[0]?.[1]).not.toHaveProperty("token");
    expect(happened).toEqual(["put", "ask"]);
  });

  test("may be none", async () => {
    rows("labelling/people", []);
    ask.mockImplementation(noted("ask", { asked: 0, open: 0 }));
    expect(await handler(people)).toMatchObject({ asked: 0, open: 0 });
    expect(written()).toEqual([["harm", "rows/run-1/labelling/asked.jsonl", ""]]);
  });
});

describe("for Ground Truth", () => {
  const { token: _, ...later } = input;
  const files = async () => {
    const answer = await handler({ ...later, to: "ground-truth" });
    const bodies = new Map(written().map(([bucket, key, text]) => [`${bucket} ${key}`, text]));
    return { answer, bodies };
  };
  const FOLDER = "harm rows/run-1/labelling/ground-truth";

  test("writes what its job reads, and asks nobody itself", async () => {
    rows("unlabelled", [row("c"), row("a"), row("b")]);
    const { answer, bodies } = await files();
    expect(answer).toEqual({ asked: 2, open: 2 });
    expect(ask).not.toHaveBeenCalled();
    expect([...bodies.keys()]).toEqual([
      "harm rows/run-1/labelling/asked.jsonl",
      `${FOLDER}/input.manifest`,
      `${FOLDER}/categories.json`,
      `${FOLDER}/template.liquid.html`,
    ]);
    const manifest = (bodies.get(`${FOLDER}/input.manifest`) as string).trimEnd().split("\n");
    const lines = manifest.map((line) => JSON.parse(line) as { source: string; task: string });
    expect(lines.map(({ task }) => task)).toEqual(["a", "b"]);
    expect(JSON.parse(bodies.get(`${FOLDER}/categories.json`) as string)).toEqual({
      "document-version": "2018-11-28",
      labels: [{ label: "problem-gambling" }, { label: "no-problem-gambling" }, { label: "cannot-tell" }],
    });
    for (const element of ["<crowd-form>", "<crowd-classifier", "<classification-target", "<short-instructions>"]) {
      expect(bodies.get(`${FOLDER}/template.liquid.html`)).toContain(element);
    }
  });

  test("workers see the features that are known, by description and unit, and no pseudonym", async () => {
    rows("unlabelled", [{ ...row("a"), row: "1.23456789,,3" }]);
    const { bodies } = await files();
    const [first, second, third] = gamblingBehaviour.features;
    const manifest = bodies.get(`${FOLDER}/input.manifest`) as string;
    expect(JSON.parse(manifest).source).toBe(
      `${first?.description}: 1.235 ${first?.unit}\n${third?.description}: 3 ${third?.unit}`,
    );
    expect(manifest).not.toContain(second?.description);
    expect(manifest).not.toMatch(/player-1|operator-1/);
  });
});

test("when the rows cannot be written, nobody is asked", async () => {
  rows("unlabelled", [row("a")]);
  buckets.fail(/^put /, new Error("AccessDenied"));
  await expect(handler(input)).rejects.toThrow("AccessDenied");
  expect(happened).toEqual([]);
});

test.each([
  ["poker", "catalogue/models.ts has no model poker"],
  ["before-initial-deposit-problem-gambling", "MODEL_BUCKETS has no entry for"],
])("refuses model %s", async (model, message) => {
  await expect(handler({ ...input, model })).rejects.toThrow(message);
});

test("tasks are kept as long as the records that they were made of", async () => {
  rows("unlabelled", [row("a")]);
  await createdWith(30)(input);
  expect(ask.mock.calls[0]?.[1]).toMatchObject({ expiresAt: NOW / 1000 + 30 * 86_400 });
});

test.each([
  [{ ...input, from: "everywhere" }, "input from must be one of unlabelled, labelling/people (found a string)"],
  [
    { ...input, labelling: { ...input.labelling, maximumTasks: 0 } },
    "input labelling.maximumTasks must be a whole number",
  ],
  [{ ...input, token: 7 }, "input token must be a non-empty string (found a number)"],
])("an input %j is refused, and nobody is asked", async (wrong, message) => {
  rows("unlabelled", [row("a")]);
  await expect(handler(wrong)).rejects.toThrow(message);
  expect(happened).toEqual([]);
});

test("a line that is no row fails the run without being quoted", async () => {
  buckets.store("harm/rows/run-1/unlabelled/part-0.jsonl", `${JSON.stringify({ ...row("a"), split: "player-1" })}\n`);
  await expect(handler(input)).rejects.toThrow(
    "line 1 of the rows to label split must be one of train, validation, test, out-of-time (found a string)",
  );
});
