import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { mockClient } from "aws-sdk-client-mock";
import { loadConfig } from "../../../config";
import type { RunStatus } from "../../../contracts/run-result";
import { whileSaying } from "../../../scripts/lib/process";
import { retrain } from "../../../scripts/lib/retraining";
import { forceHint } from "../../../scripts/lib/summary";

jest.mock("../../../scripts/lib/process", () => ({
  ...jest.requireActual("../../../scripts/lib/process"),
  whileSaying: jest.fn((_farewell: string, work: () => Promise<unknown>) => work()),
}));

const model = "gambling-behaviour-problem-gambling";

test("whoever leaves a run is told that it goes on, and how to stop it", async () => {
  const executionArn = "arn:aws:states:eu-west-1:000000000000:execution:main:one";
  mockClient(SFNClient)
    .on(StartExecutionCommand)
    .resolves({ executionArn })
    .on(DescribeExecutionCommand)
    .resolves({ status: "SUCCEEDED", output: "[]" });
  await retrain({ states: new SFNClient({ region: "eu-west-1" }), config: loadConfig("local") }, [{ model }]);
  expect(whileSaying).toHaveBeenCalledWith(
    `The run goes on without this command: ${executionArn}\nTo stop it: npm run retrain -- ${model} --stop`,
    expect.any(Function),
  );
});

// The reasons are those of `plan` and of the main state machine.
test.each<[RunStatus, string, boolean]>([
  ["Skipped", "10 bytes in 1 object, 0 of them new since 2026-10-02T00:00:00Z", true],
  ["Skipped", "10 bytes in 1 object, 0 of them new since 2026-10-02T00:00:00Z, and 2 of the last run gone", true],
  ["Skipped", "no data under records/", false],
  ["Skipped", "another run of this model is under way: arn:aws:states:eu-west-1:0:execution:main:one", false],
  ["Skipped", "training wants 500 labelled rows in all splits; this run has 3 to train on", false],
  ["Promoted", "10 bytes in 1 object, 0 of them new since 2026-10-02T00:00:00Z", false],
])("of a run that was %s for %s, --force is told: %j", (status, reason, told) => {
  const hint = `npm run retrain -- ${model} --force trains on what is there all the same.`;
  expect(forceHint([{ model, status, reason }])).toBe(told ? hint : undefined);
});
