import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { mockClient } from "aws-sdk-client-mock";
import { loadConfig } from "../../../config";
import { Naming } from "../../../modules/base/naming";
import { driftTable, measureDrift } from "../../../scripts/lib/drift";

const mock = mockClient(LambdaClient);
const lambda = new LambdaClient({ region: "eu-west-1" });
const naming = new Naming(loadConfig("local"));
beforeEach(() => mock.reset());

const answers = (answer: object, FunctionError?: string) =>
  mock.on(InvokeCommand).resolves({
    Payload: Buffer.from(JSON.stringify(answer)) as never,
    ...(FunctionError && { FunctionError }),
  });

test("a measurement is one call of the function", async () => {
  const skipped = { model: "m", outcome: "skipped", reason: "r", rows: 3 };
  answers(skipped);
  expect(await measureDrift({ lambda, naming }, { model: "m", hours: 2 })).toEqual(skipped);
  const [{ Payload, ...input } = {}] = mock.commandCalls(InvokeCommand).map(({ args }) => args[0].input);
  expect(input).toEqual({ FunctionName: "vwt-local-drift", Qualifier: "live" });
  expect(JSON.parse(String(Payload))).toEqual({ model: "m", hours: 2 });
});

test("a function that fails says why", async () => {
  answers({ errorType: "RangeError", errorMessage: "hours must be above 0" }, "Unhandled");
  await expect(measureDrift({ lambda, naming }, { model: "m", hours: -1 })).rejects.toThrow(
    "Drift cannot be measured: hours must be above 0",
  );
});

test("the table has every signal, what it is from, and what a PSI means", () => {
  const signals = { score: 0.15, features: 0, risk: null, domain: 0.5 };
  const shown = driftTable({
    model: "m",
    outcome: "measured",
    reason: "",
    rows: 1000,
    from: {
      training: { above: ["score"], signals, worst: [{ name: "age", psi: 0.4 }] },
      traffic: { above: [], signals, worst: [] },
    },
    report: "s3://b/k",
  });
  const lines = shown.split("\n").map((line) => line.trim().split(/ {2,}/));
  expect(lines).toHaveLength(11);
  expect(lines).toEqual(
    expect.arrayContaining([
      ["training data", "the PSI of the score", "0.150", "ALARM"],
      ["training data", "the factor by which the share of a risk group has changed", "not measured"],
      ["training data", "PSI of age", "0.400", "another population"],
      ["first traffic", "the PSI of the score", "0.150"],
    ]),
  );
});
