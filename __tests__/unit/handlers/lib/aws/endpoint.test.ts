import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { mockClient } from "aws-sdk-client-mock";
import { UNSCALED } from "../../../../../catalogue/training/scaling";
import type { FailureKind } from "../../../../../contracts/problems";
import { endpointPorts, scoresOf } from "../../../../../handlers/lib/aws/endpoint";
import { CallFailure } from "../../../../../handlers/lib/util/failure";

const row = (index: number, features: (number | null)[] = [index, null]) => ({
  index,
  playerId: "p",
  operatorId: "o",
  asOf: "t",
  features,
  markers: [],
});
const rows = [row(0), row(1)];

type Step = string | FailureKind | "hang";
const FAILURES = new Set<Step>(["timeout", "throttled", "unavailable", "refused"]);

/** Answers the calls one after the other; each pause takes its time of a clock of its own. */
function endpoint(...steps: Step[]) {
  const bodies: string[] = [];
  let clock = 0;
  return {
    bodies,
    now: () => clock,
    pause: async (ms: number) => {
      clock += ms;
    },
    invoke: async (_: string, body: string) => {
      const step = steps[bodies.length] ?? "";
      bodies.push(body);
      if (step === "hang") return new Promise<string>(() => {});
      if (FAILURES.has(step)) throw new CallFailure(step as FailureKind, "fake");
      return step;
    },
  };
}

const ask = (ports: ReturnType<typeof endpoint>, options: object = {}) =>
  scoresOf(ports, { endpoint: "e", rows, columns: 2, scaling: UNSCALED, budgetMs: 1_000, ...options });

test("sends the rows as CSV without header or last newline, and answers in their order", async () => {
  const ports = endpoint("0.1\n0.9\n");
  expect(await ask(ports)).toEqual([0.1, 0.9]);
  expect(ports.bodies).toEqual(["0,nan\n1,nan"]);
});

test.each([
  ["too few", "0.1\n", "1 scores for 2 rows"],
  ["too many", "0.1\n0.2\n0.3\n", "3 scores for 2 rows"],
  ["none", "", "0 scores for 2 rows"],
])("%s scores are refused rather than misaligned", async (_, answer, message) => {
  const ports = endpoint(answer);
  await expect(ask(ports)).rejects.toThrow(message);
  expect(ports.bodies).toHaveLength(1);
});

test.each([[[1]], [[1, 2, 3]]])("a row with features %p of 2 is never sent", async (features) => {
  const ports = endpoint("0.1\n0.2\n");
  await expect(ask(ports, { rows: [row(0), row(1, features)] })).rejects.toThrow("rows must have 2 features");
  expect(ports.bodies).toHaveLength(0);
});

test.each([
  ["throttled", 2],
  ["unavailable", 2],
  ["refused", 1],
  ["timeout", 1],
] as const)("after a %s call there are %d calls", async (kind, calls) => {
  const ports = endpoint(kind, "0.1\n0.2\n");
  const answer = ask(ports);
  if (calls === 2) await expect(answer).resolves.toEqual([0.1, 0.2]);
  else await expect(answer).rejects.toMatchObject({ kind });
  expect(ports.bodies).toHaveLength(calls);
});

test("retries once only", async () => {
  const ports = endpoint("throttled", "unavailable", "0.1\n0.2\n");
  await expect(ask(ports)).rejects.toMatchObject({ kind: "unavailable" });
  expect(ports.bodies).toHaveLength(2);
});

test("does not retry when the budget has no room for it", async () => {
  const ports = endpoint("throttled", "0.1\n0.2\n");
  await expect(ask(ports, { budgetMs: 110 })).rejects.toMatchObject({ kind: "throttled" });
  expect(ports.bodies).toHaveLength(1);
});

test("an endpoint that hangs is given up when the budget is spent", async () => {
  await expect(ask(endpoint("hang"), { budgetMs: 20 })).rejects.toMatchObject({ kind: "timeout" });
});

test("large bodies are split, and the scores stay with their rows", async () => {
  const many = Array.from({ length: 5 }, (_, index) => row(index, new Array<number>(100_000).fill(index + 1 / 3)));
  const bodies: string[] = [];
  const ports = {
    ...endpoint(),
    invoke: async (_: string, body: string) => {
      bodies.push(body);
      return body
        .split("\n")
        .map((line) => line.slice(0, line.indexOf(",")))
        .join(",");
    },
  };
  const scores = await ask(ports as ReturnType<typeof endpoint>, { rows: many, columns: 100_000 });
  expect(scores).toEqual(many.map(({ features }) => features[0]));
  expect(bodies).toHaveLength(5);
  for (const body of bodies) expect(Buffer.byteLength(body)).toBeLessThanOrEqual(3_500_000);
});

describe("an endpoint of SageMaker", () => {
  const runtime = mockClient(SageMakerRuntimeClient);
  const { invoke } = endpointPorts(new SageMakerRuntimeClient({ region: "eu-west-1" }));
  const { signal } = new AbortController();
  beforeEach(() => runtime.reset());

  test("is sent CSV and answers CSV", async () => {
    runtime.on(InvokeEndpointCommand).resolves({ Body: Buffer.from("0.5\n") as never });
    expect(await invoke("vwt-m", "0.5,nan", signal)).toBe("0.5\n");
    expect(runtime.commandCalls(InvokeEndpointCommand)[0]?.args[0].input).toEqual({
      EndpointName: "vwt-m",
      ContentType: "text/csv",
      Accept: "text/csv",
      Body: Buffer.from("0.5,nan"),
    });
  });

  test("fails in our words: its own may quote a row", async () => {
    const refusal = Object.assign(new Error("secret of player-1"), { name: "ModelError", OriginalStatusCode: 400 });
    runtime.on(InvokeEndpointCommand).rejects(refusal);
    await expect(invoke("vwt-m", "1", signal)).rejects.toMatchObject({ kind: "refused", message: "ModelError 400" });
  });
});
