import { Readable } from "node:stream";
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SendTaskSuccessCommand, SFNClient } from "@aws-sdk/client-sfn";
import { mockClient } from "aws-sdk-client-mock";
import { gamblingBehaviour } from "../../../../../catalogue/datasets/gambling-behaviour";
import { featureHash } from "../../../../../catalogue/datasets/kit/dataset";
import type { Unlabelled } from "../../../../../contracts/run-layout";
import type { AskingRun, LabelStore, NewTask } from "../../../../../handlers/lib/labelling/store";
import type { AskInput, handler as Handler } from "../../../../../handlers/retraining/ask-labellers";
import { serialise } from "../../../../../handlers/retraining/ask-labellers/logic";
import { catchOutput } from "../../output";

const ask = jest.fn<ReturnType<LabelStore["ask"]>, Parameters<LabelStore["ask"]>>();
const createLabelStore = jest.fn((_client: unknown, _table: string) => ({ ask }));
jest.mock("../../../../../handlers/lib/labelling/store", () => ({
  createLabelStore: (client: unknown, table: string) => createLabelStore(client, table),
}));

const MODEL = "gambling-behaviour-problem-gambling";
const s3 = mockClient(S3Client);
const states = mockClient(SFNClient);
const output = catchOutput();
let handler: typeof Handler;

beforeAll(async () => {
  Object.assign(process.env, {
    ENVIRONMENT: "test",
    LOG_LEVEL: "INFO",
    MODEL_BUCKETS: JSON.stringify({ [MODEL]: "harm" }),
    LABEL_TABLE: "labels",
    AWS_REGION: "eu-west-1",
  });
  ({ handler } = await import("../../../../../handlers/retraining/ask-labellers"));
  expect(createLabelStore).toHaveBeenCalledWith(expect.anything(), "labels");
});

/** Calls of services, in their order. */
let happened: string[];
const noted =
  <T>(what: string, value: T) =>
  async () => {
    happened.push(what);
    return value;
  };
beforeEach(() => {
  s3.reset();
  states.reset();
  happened = [];
  ask.mockReset().mockImplementation(noted("ask", { asked: 2, open: 2 }));
  s3.on(PutObjectCommand).callsFake(noted("put", {}));
  states.on(SendTaskSuccessCommand).callsFake(noted("resume", {}));
});

const input: AskInput = {
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
});

/** Two objects of rows under the prefix, on a page of the listing each. */
function rows(folder: string, ...parts: readonly (readonly Unlabelled[])[]): void {
  const Prefix = `rows/run-1/${folder}/`;
  parts.forEach((part, page) => {
    const Key = `${Prefix}part-${page}.jsonl`;
    s3.on(ListObjectsV2Command, {
      Bucket: "harm",
      Prefix,
      ...(page > 0 && { ContinuationToken: String(page) }),
    }).resolves({
      Contents: [{ Key }],
      ...(page + 1 < parts.length && { IsTruncated: true, NextContinuationToken: String(page + 1) }),
    });
    s3.on(GetObjectCommand, { Bucket: "harm", Key }).callsFake(() => ({
      Body: Readable.from([Buffer.from(serialise(part))]),
    }));
  });
}
const asked = () => ask.mock.calls.map(([tasks]) => tasks.map((task: NewTask) => task.task));
const written = () => s3.commandCalls(PutObjectCommand).map(({ args }) => args[0].input);

test("writes what is asked before anybody is asked, and lets the run wait", async () => {
  rows("unlabelled", [row("c"), row("a")], [row("b")]);
  const before = Date.now();
  expect(await handler(input)).toEqual({ asked: 2, open: 2 });
  expect(happened).toEqual(["put", "ask"]);
  expect(written()).toMatchObject([
    { Bucket: "harm", Key: "rows/run-1/labelling/asked.jsonl", Body: serialise([row("a"), row("b")]) },
  ]);
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
  const { deadline, ...rest } = run;
  expect(rest).toEqual({ model: MODEL, runId: "run-1", votesToAgree: 2, mostVotes: 3, token: "token" });
  const lasts = Date.parse(deadline) - before;
  expect(lasts).toBeGreaterThanOrEqual(3_600_000);
  expect(lasts).toBeLessThan(3_660_000);
  expect(output.text()).toContain('"asked":2');
  expect(output.text()).not.toContain("player-1");
});

test("a run with nothing open goes on at once", async () => {
  rows("unlabelled", [row("a")]);
  ask.mockImplementation(noted("ask", { asked: 1, open: 0 }));
  expect(await handler(input)).toEqual({ asked: 1, open: 0 });
  expect(happened).toEqual(["put", "ask", "resume"]);
  expect(states.commandCalls(SendTaskSuccessCommand)[0]?.args[0].input).toEqual({ taskToken: "token", output: "{}" });
});

test("a run that cannot be told to go on fails, so that it is tried again", async () => {
  rows("unlabelled", [row("a")]);
  ask.mockImplementation(noted("ask", { asked: 1, open: 0 }));
  states.on(SendTaskSuccessCommand).rejects(new Error("ServiceUnavailable"));
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
  const people: AskInput = { ...later, from: "labelling/people" };
  const automatic = { schemaVersion: 1, positive: { labelled: 3 }, negative: { labelled: 40 } };
  beforeEach(() => {
    s3.on(GetObjectCommand, { Key: "runs/run-1/automatic/automatic.json" }).callsFake(() => ({
      Body: { transformToString: async () => JSON.stringify(automatic) },
    }));
    ask.mockImplementation(noted("ask", { asked: 2, open: 0 }));
  });

  test("keep the model's order; nobody waits, and the model's report is handed on", async () => {
    rows("labelling/people", [row("c"), row("a"), row("b")]);
    expect(await handler(people)).toEqual({ asked: 2, open: 0, automatic });
    expect(asked()).toEqual([["c", "a"]]);
    expect(ask.mock.calls[0]?.[1]).not.toHaveProperty("token");
    expect(happened).toEqual(["put", "ask"]);
  });

  test("may be none", async () => {
    rows("labelling/people", []);
    ask.mockImplementation(noted("ask", { asked: 0, open: 0 }));
    expect(await handler(people)).toMatchObject({ asked: 0, open: 0 });
    expect(written()).toMatchObject([{ Key: "rows/run-1/labelling/asked.jsonl", Body: "" }]);
  });
});

describe("for Ground Truth", () => {
  const { token: _, ...later } = input;
  const files = async () => {
    const answer = await handler({ ...later, to: "ground-truth" });
    const bodies = new Map(written().map(({ Bucket, Key, Body }) => [`${Bucket} ${Key}`, String(Body)]));
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
  s3.on(PutObjectCommand).rejects(new Error("AccessDenied"));
  await expect(handler(input)).rejects.toThrow("AccessDenied");
  expect(happened).toEqual([]);
});

test.each([
  ["poker", "catalogue/models.ts has no model poker"],
  ["before-initial-deposit-problem-gambling", "MODEL_BUCKETS has no entry for"],
])("refuses model %s", async (model, message) => {
  await expect(handler({ ...input, model })).rejects.toThrow(message);
});
