import { datasetNamed } from "../../../../../catalogue/datasets";
import { featureHash } from "../../../../../catalogue/datasets/kit/dataset";
import { type Ports, respond } from "../../../../../handlers/api/labelling/logic";
import type { RoutedEvent } from "../../../../../handlers/lib/http/api-gateway";
import { Refusal } from "../../../../../handlers/lib/http/problem";
import { type Run, type Task, VoteRefused, type VoteResult } from "../../../../../handlers/lib/labelling/store";

const TASK = "0123456789abcdef0123456789abcdef";
const claims = { sub: "me", "custom:operator_id": "o", "cognito:groups": "labellers" };
const event = (route: string, more: Partial<RoutedEvent> = {}): RoutedEvent => ({
  httpMethod: route.split(" ")[0] as string,
  resource: route.split(" ")[1] as string,
  headers: {},
  body: null,
  pathParameters: null,
  queryStringParameters: null,
  requestContext: { requestId: "r", authorizer: { claims } },
  ...more,
});
const tasks = (queryStringParameters: RoutedEvent["queryStringParameters"] = null) =>
  event("GET /labelling/tasks", { queryStringParameters });
const answer = (body: string | null, task = TASK, more: Partial<RoutedEvent> = {}) =>
  event("PUT /labelling/tasks/{task}/answer", { body, pathParameters: { task }, ...more });
const yes = JSON.stringify({ answer: "problem-gambling" });
const progress = event("GET /labelling/progress");

const store = { openTasks: jest.fn(), countOpen: jest.fn(), waitingRuns: jest.fn(), vote: jest.fn() };
const resume = jest.fn(async () => {});
const onVote = jest.fn();
const onHidden = jest.fn();
const ports: Ports = { store, resume, onVote, onHidden, now: () => new Date("2026-02-01T00:00:00Z") };
beforeEach(() => jest.resetAllMocks());

const refusal = async (request: RoutedEvent) => {
  const error = await respond(ports, request).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Refusal);
  return error as Refusal;
};

describe("access of labellers", () => {
  test.each([
    ["nobody", undefined],
    ["somebody without groups", { ...claims, "cognito:groups": undefined }],
    ["somebody of other groups", { ...claims, "cognito:groups": "labellers-of-old,admins" }],
    ["somebody with an access token", { sub: "me", "cognito:groups": "labellers" }],
    ["somebody without an id", { ...claims, sub: "" }],
  ])("%s may not", async (_, given) => {
    for (const request of [tasks(), answer(yes), progress]) {
      const requestContext = { requestId: "r", authorizer: given ? { claims: given } : null };
      expect((await refusal({ ...request, requestContext })).problem).toBe("not-a-labeller");
    }
    expect(store.openTasks).not.toHaveBeenCalled();
    expect(store.vote).not.toHaveBeenCalled();
  });

  test.each(["labellers", "admins,labellers", "[admins labellers]", "[labellers]"])("groups %s may", async (groups) => {
    store.openTasks.mockResolvedValue({ tasks: [] });
    const authorizer = { claims: { ...claims, "cognito:groups": groups } };
    await respond(ports, { ...tasks(), requestContext: { requestId: "r", authorizer } });
    expect(store.openTasks).toHaveBeenCalledWith("o", "me", { limit: 20 });
  });

  test("there is no other route", async () => {
    expect((await refusal(event("DELETE /labelling/tasks"))).problem).toBe("no-such-route");
  });
});

describe("listing tasks", () => {
  const dataset = datasetNamed("gambling-behaviour");
  const [, ...others] = dataset.features.map(() => null);
  const stored: Task = {
    task: TASK,
    model: "m",
    dataset: dataset.name,
    featureHash: featureHash(dataset),
    operatorId: "o",
    playerId: "p",
    asOf: "2026-01-01T00:00:00Z",
    features: [31, ...others],
    votes: 1,
    deadline: "2026-03-01T00:00:00Z",
  };

  test("every feature comes with what it means", async () => {
    store.openTasks.mockResolvedValue({ tasks: [stored], next: TASK });
    const found = (await respond(ports, tasks({ limit: "7", after: TASK }))) as { tasks: { features: object[] }[] };
    expect(store.openTasks).toHaveBeenCalledWith("o", "me", { limit: 7, after: TASK });
    const [first] = dataset.features;
    expect(found).toEqual({
      next: TASK,
      tasks: [
        {
          task: TASK,
          model: "m",
          dataset: "gambling-behaviour",
          playerId: "p",
          asOf: "2026-01-01T00:00:00Z",
          features: expect.any(Array),
          markers: [],
          votes: 1,
          deadline: "2026-03-01T00:00:00Z",
        },
      ],
    });
    const [{ features } = { features: [] }] = found.tasks;
    expect(features).toHaveLength(dataset.features.length);
    expect(features[0]).toEqual({ name: first?.name, unit: first?.unit, description: first?.description, value: 31 });
    expect(features[1]).toHaveProperty("value", null);
    expect(onHidden).not.toHaveBeenCalled();
  });

  test("markers are shown where they fire", async () => {
    // Large values make most of the signs of harm.
    const features = dataset.features.map(() => 1e6);
    store.openTasks.mockResolvedValue({ tasks: [{ ...stored, features }] });
    const { tasks: found } = (await respond(ports, tasks())) as { tasks: { markers: { name: string }[] }[] };
    const values = Object.fromEntries(dataset.features.map(({ name }) => [name, 1e6]));
    const fired = dataset.markers.filter(({ fires }) => fires(values));
    expect(fired.length).toBeGreaterThan(0);
    expect(found[0]?.markers).toEqual(fired.map(({ name, description }) => ({ name, description })));
  });

  test("tasks of features that nobody can name are left out", async () => {
    store.openTasks.mockResolvedValue({
      tasks: [{ ...stored, featureHash: "old" }, stored, { ...stored, dataset: "gone" }],
    });
    expect(await respond(ports, tasks())).toEqual({ tasks: [expect.objectContaining({ task: TASK })] });
    expect(onHidden).toHaveBeenCalledWith(2);
  });

  test.each([{ limit: "0" }, { limit: "101" }, { limit: "ten" }, { limit: "" }, { limit: "-1" }, { after: "x" }])(
    "%j is refused",
    async (query) => {
      expect((await refusal(tasks(query))).problem).toBe("bad-request");
    },
  );
});

describe("answering", () => {
  const result: VoteResult = { status: "open", counted: true, model: "m", runId: "r" };

  test("an answer becomes a vote", async () => {
    store.vote.mockResolvedValue(result);
    expect(await respond(ports, answer(yes))).toEqual({ task: TASK, status: "open", counted: true });
    const vote = { task: TASK, operatorId: "o", labeller: "me", answer: "problem-gambling" };
    expect(store.vote).toHaveBeenCalledWith({ ...vote, at: "2026-02-01T00:00:00.000Z" });
    expect(onVote).toHaveBeenCalledWith(TASK, result);
    expect(resume).not.toHaveBeenCalled();
  });

  test("a body may come in base 64", async () => {
    store.vote.mockResolvedValue(result);
    const body = Buffer.from('{"answer":"cannot-tell"}').toString("base64");
    await respond(ports, answer(body, TASK, { isBase64Encoded: true }));
    expect(store.vote).toHaveBeenCalledWith(expect.objectContaining({ answer: "cannot-tell" }));
  });

  test("when nothing is open any more, the execution is told, whoever's vote says so", async () => {
    const last = { ...result, status: "agreed", counted: false, token: "t" } as const;
    store.vote.mockResolvedValue(last);
    expect(await respond(ports, answer(yes))).toEqual({ task: TASK, status: "agreed", counted: false });
    expect(resume).toHaveBeenCalledWith(last, "t");
  });

  test.each([
    ["unknown-task", "no-such-task"],
    ["already-answered", "already-answered"],
    ["contended", "busy"],
  ] as const)("%s is refused as %s", async (reason, problem) => {
    store.vote.mockRejectedValue(new VoteRefused(reason));
    expect((await refusal(answer(yes))).problem).toBe(problem);
    expect(onVote).not.toHaveBeenCalled();
  });

  test("other errors are passed on", async () => {
    store.vote.mockRejectedValue(new Error("no"));
    await expect(respond(ports, answer(yes))).rejects.toThrow("no");
  });

  test("a task that cannot be is refused like one that is not there", async () => {
    store.vote.mockRejectedValue(new VoteRefused("unknown-task"));
    const missing = await refusal(answer(yes));
    for (const task of ["run#m#r", "", TASK.toUpperCase()]) {
      expect(await refusal(answer(yes, task))).toMatchObject({ problem: missing.problem, message: missing.message });
    }
    expect((await refusal(answer(yes, TASK, { pathParameters: null }))).problem).toBe("no-such-task");
    expect(store.vote).toHaveBeenCalledTimes(1);
  });

  test.each([null, "", "yes", "null", "[]", '"problem-gambling"', "{}", '{"answer":1}', '{"answer":"maybe p-1"}'])(
    "the body %j is refused",
    async (body) => {
      const { problem, message } = await refusal(answer(body));
      expect(problem).toBe("bad-request");
      expect(message).not.toContain("p-1");
      expect(store.vote).not.toHaveBeenCalled();
    },
  );
});

describe("progress", () => {
  const run: Run = {
    model: "m",
    runId: "r",
    asked: 5,
    open: 2,
    agreed: 2,
    disputed: 1,
    deadline: "2026-03-01T00:00:00Z",
  };

  test("shows the runs that wait, without their tokens, and counts the operator's tasks", async () => {
    store.waitingRuns.mockResolvedValue([
      { ...run, token: "t" },
      { ...run, runId: "broken-off", deadline: "2026-01-31T00:00:00Z" },
    ]);
    store.countOpen.mockResolvedValue({ count: 2, more: false });
    expect(await respond(ports, progress)).toEqual({ runs: [run], openTasks: 2, moreOpenTasks: false });
    expect(store.countOpen).toHaveBeenCalledWith("o", 1_000);
    expect(resume).not.toHaveBeenCalled();
  });

  test("an execution that was not told is told", async () => {
    const done = { ...run, open: 0, token: "t" };
    store.waitingRuns.mockResolvedValue([done, { ...run, open: 0 }]);
    store.countOpen.mockResolvedValue({ count: 1_000, more: true });
    expect(await respond(ports, progress)).toMatchObject({ openTasks: 1_000, moreOpenTasks: true });
    expect(resume.mock.calls).toEqual([[done, "t"]]);
  });
});
