import { GetRolePolicyCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import type { Prediction } from "../../handlers/shared/contracts";
import { retrain, servingRecords } from "../../scripts/lib/retraining";
import { sampleBatch } from "../../scripts/lib/sample-data";
import type { System } from "../../scripts/lib/system";
import { ANCHOR, eventually, expectProblem, testSystem, type Wallet, wallet } from "./setup/system";

let system: System;
let client: Wallet;
let iam: IAMClient;
beforeAll(async () => {
  system = await testSystem();
  client = await wallet(system);
  iam = new IAMClient({
    region: system.config.region,
    endpoint: system.emulator.url,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
});

/** Takes an action from a role for as long as `work` takes. */
async function without(role: string, action: string, work: () => Promise<void>): Promise<void> {
  const policy = { RoleName: role, PolicyName: "permissions" };
  const { PolicyDocument } = await iam.send(new GetRolePolicyCommand(policy));
  const whole = decodeURIComponent(PolicyDocument as string);
  const document = JSON.parse(whole) as { Statement: { Action: string[] | string }[] };
  const kept = document.Statement.filter(({ Action }) => !Action.includes(action));
  expect(kept.length).toBeLessThan(document.Statement.length);
  await iam.send(
    new PutRolePolicyCommand({ ...policy, PolicyDocument: JSON.stringify({ ...document, Statement: kept }) }),
  );
  try {
    await work();
  } finally {
    await iam.send(new PutRolePolicyCommand({ ...policy, PolicyDocument: whole }));
  }
}

const batch = sampleBatch();
const answers = async () => (await client.send({ records: batch })).status === 200;

describe("a role that lacks a grant fails", () => {
  test("predict without sagemaker:InvokeEndpoint", async () => {
    await without("vwt-local-predict", "sagemaker:InvokeEndpoint", async () => {
      expectProblem(await client.send({ records: batch }), { status: 500, type: "internal" });
    });
    await eventually(answers);
  });

  test("filter without lambda:InvokeFunction", async () => {
    await without("vwt-local-filter", "lambda:InvokeFunction", async () => {
      expectProblem(await client.send({ records: batch }), { status: 500, type: "internal" });
    });
    await eventually(answers);
  });

  test("the state machine without sagemaker:CreateTrainingJob", async () => {
    await without("vwt-local-main-states", "sagemaker:CreateTrainingJob", async () => {
      const { status, cause } = await retrain(system, [
        { model: "before-initial-deposit-problem-gambling", force: true, ...ANCHOR },
      ]);
      expect(status).toBe("FAILED");
      expect(cause).toMatch(/failed at Train: .*not authorized to perform: sagemaker:CreateTrainingJob/);
    });
  });

  test("a probe without sagemaker:InvokeEndpoint fails the promotion, and the champion is restored", async () => {
    const model = "before-initial-deposit-problem-gambling";
    const before = (await servingRecords(system))[model];
    await without("vwt-local-probe", "sagemaker:InvokeEndpoint", async () => {
      const { status, cause } = await retrain(system, [{ model, force: true, ...ANCHOR }]);
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

  test("training without s3:GetObject on its bucket", async () => {
    await without("vwt-local-before-initial-deposit-problem-gambling-training", "s3:GetObject", async () => {
      const { status, cause } = await retrain(system, [
        { model: "before-initial-deposit-problem-gambling", force: true, ...ANCHOR },
      ]);
      expect(status).toBe("FAILED");
      expect(cause).toMatch(/failed at Train: .*s3:GetObject/);
    });
  });
});
