import { DeleteEndpointConfigCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { StartExecutionCommand } from "@aws-sdk/client-sfn";
import type { Prediction } from "../../contracts/request-path";
import type { ServingRecord } from "../../contracts/serving-record";
import { executionEnd, executionPath, retrain, servingRecords, stateMachineArn } from "../../scripts/lib/retraining";
import { sampleBatch } from "../../scripts/lib/sample-data";
import { emulatorSettings, type System } from "../../scripts/lib/system";
import { without } from "./setup/permissions";
import { eventually, expectProblem, OUTCOME_LABELS, testSystem, type Wallet, wallet } from "./setup/system";

const MODEL = "before-initial-deposit-problem-gambling";
let system: System;
let client: Wallet;
beforeAll(async () => {
  system = await testSystem();
  client = await wallet(system);
});

const batch = sampleBatch();
const answers = async () => (await client.send({ records: batch })).status === 200;

describe("a role that lacks a grant fails", () => {
  test("predict without sagemaker:InvokeEndpoint", async () => {
    await without(system, ["predict"], "sagemaker:InvokeEndpoint", async () => {
      expectProblem(await client.send({ records: batch }), { status: 500, type: "internal" });
    });
    await eventually(answers);
  });

  test("filter without lambda:InvokeFunction", async () => {
    await without(system, ["filter"], "lambda:InvokeFunction", async () => {
      expectProblem(await client.send({ records: batch }), { status: 500, type: "internal" });
    });
    await eventually(answers);
  });

  test("the state machine without sagemaker:CreateTrainingJob", async () => {
    await without(system, ["main", "states"], "sagemaker:CreateTrainingJob", async () => {
      const { status, cause } = await retrain(system, [{ model: MODEL, force: true, ...OUTCOME_LABELS }]);
      expect(status).toBe("FAILED");
      expect(cause).toMatch(/failed at Train: .*not authorized to perform: sagemaker:CreateTrainingJob/);
    });
  });

  test("a probe without sagemaker:InvokeEndpoint fails the promotion, and the champion is restored", async () => {
    const model = MODEL;
    const before = (await servingRecords(system))[model];
    await without(system, ["probe-endpoint"], "sagemaker:InvokeEndpoint", async () => {
      const { status, cause } = await retrain(system, [{ model, force: true, ...OUTCOME_LABELS }]);
      expect(status).toBe("FAILED");
      expect(cause).toMatch(/failed at Probe: .*the champion is restored but does not answer the probe either/);
    });
    expect((await servingRecords(system))[model]).toEqual(before);
    const { predictions } = (await client.send({ records: batch })).body as { predictions: Prediction[] };
    const versions = new Set(
      predictions.filter((each) => each.model === model).map(({ modelVersion }) => modelVersion),
    );
    expect([...versions]).toEqual([before?.modelVersion]);
  });

  const begin = async () =>
    (
      await system.states.send(
        new StartExecutionCommand({
          stateMachineArn: stateMachineArn(system),
          input: JSON.stringify({ models: [{ model: MODEL, force: true, ...OUTCOME_LABELS }] }),
        }),
      )
    ).executionArn as string;
  const reaches = (arn: string, state: string) =>
    eventually(async () => (await executionPath(system, arn)).includes(state));

  test("a new model that does not answer gives way to the champion, which is proven to answer", async () => {
    const before = (await servingRecords(system))[MODEL];
    const arn = await begin();
    await without(
      system,
      ["probe-endpoint"],
      "sagemaker:InvokeEndpoint",
      async () => void (await reaches(arn, "Restore champion")),
    );
    const { status, cause } = await executionEnd(system, arn);
    expect([status, cause]).toEqual([
      "FAILED",
      expect.stringMatching(/failed at Probe: .*the champion is restored and answers/),
    ]);
    expect((await servingRecords(system))[MODEL]).toEqual(before);
  });

  test("a champion that cannot be restored is cried out, and the next promotion mends it", async () => {
    const sagemaker = new SageMakerClient(emulatorSettings(system.emulator, system.config));
    // Not the initial one, whose configuration is Terraform's.
    await retrain(system, [{ model: MODEL, force: true, ...OUTCOME_LABELS }]);
    const { endpointConfigName } = (await servingRecords(system))[MODEL] as ServingRecord;
    const arn = await begin();
    await without(system, ["probe-endpoint"], "sagemaker:InvokeEndpoint", async () => {
      await reaches(arn, "Update endpoint");
      await sagemaker.send(new DeleteEndpointConfigCommand({ EndpointConfigName: endpointConfigName }));
      const { cause } = await executionEnd(system, arn);
      expect(cause).toMatch(/failed at Probe: .*THE CHAMPION COULD NOT BE RESTORED, the endpoint needs a person/);
    });
    expect((await retrain(system, [{ model: MODEL, force: true, ...OUTCOME_LABELS }])).output).toMatchObject([
      { status: "Promoted" },
    ]);
    await eventually(answers);
  });

  test("training without s3:GetObject on its bucket", async () => {
    await without(system, [MODEL, "training"], "s3:GetObject", async () => {
      const { status, cause } = await retrain(system, [{ model: MODEL, force: true, ...OUTCOME_LABELS }]);
      expect(status).toBe("FAILED");
      expect(cause).toMatch(/failed at Train: .*s3:GetObject/);
    });
  });
});
