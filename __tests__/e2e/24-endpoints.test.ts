import {
  ApplicationAutoScalingClient,
  DeregisterScalableTargetCommand,
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
  type ScalableTarget,
  type ScalingPolicy,
} from "@aws-sdk/client-application-auto-scaling";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import {
  CreateEndpointConfigCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  type ProductionVariant,
  SageMakerClient,
  UpdateEndpointCommand,
} from "@aws-sdk/client-sagemaker";
import { StartExecutionCommand } from "@aws-sdk/client-sfn";
import { PutParameterCommand } from "@aws-sdk/client-ssm";
import type { ServingRecord } from "../../contracts/serving-record";
import { Naming } from "../../modules/base/naming";
import { executionEnd, executionPath, servingRecords, stateMachineArn } from "../../scripts/lib/retraining";
import { emulatorSettings, type System } from "../../scripts/lib/system";
import { without } from "./setup/permissions";
import { trained } from "./setup/serving";
import { eventually, testSystem } from "./setup/system";

const MODEL = "before-initial-deposit-problem-gambling";
let system: System;
let naming: Naming;
let sagemaker: SageMakerClient;
let scaling: ApplicationAutoScalingClient;
let endpoint: string;
beforeAll(async () => {
  system = await testSystem();
  naming = new Naming(system.config);
  const settings = emulatorSettings(system.emulator, system.config);
  sagemaker = new SageMakerClient(settings);
  scaling = new ApplicationAutoScalingClient(settings);
  endpoint = naming.of("sagemaker", MODEL);
  await trained(system, MODEL);
});

const record = async () => (await servingRecords(system))[MODEL] as ServingRecord;

/** Begins to serve the version that serves already once more: the quickest run that updates the endpoint. */
async function begin(): Promise<string> {
  const { modelVersion } = await record();
  const { executionArn = "" } = await system.states.send(
    new StartExecutionCommand({
      stateMachineArn: stateMachineArn(system),
      input: JSON.stringify({ models: [{ model: MODEL, version: modelVersion, override: "a test" }] }),
    }),
  );
  return executionArn;
}

const described = async () => await sagemaker.send(new DescribeEndpointCommand({ EndpointName: endpoint }));

const settled = () => eventually(async () => (await described()).EndpointStatus === "InService");

let configurations = 0;
/**
 * Updates the endpoint behind the state machine's back: another configuration of what it serves, perhaps on other
 * instances.
 */
async function update(change: Partial<ProductionVariant>, waitInSeconds: number): Promise<string> {
  const { EndpointConfigName } = await described();
  const { ProductionVariants = [] } = await sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName }));
  configurations += 1;
  const name = `${endpoint.slice(0, 40)}-by-hand-${configurations}`;
  await sagemaker.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName: name,
      ProductionVariants: ProductionVariants.map((variant) => ({ ...variant, ...change })),
    }),
  );
  await sagemaker.send(
    new UpdateEndpointCommand({
      EndpointName: endpoint,
      EndpointConfigName: name,
      DeploymentConfig: {
        BlueGreenUpdatePolicy: {
          TrafficRoutingConfiguration: { Type: "ALL_AT_ONCE", WaitIntervalInSeconds: waitInSeconds },
          TerminationWaitInSeconds: 0,
        },
      },
    }),
  );
  return name;
}

test("a run that finds the endpoint in the middle of an update waits until it is free", async () => {
  await update({}, 8);
  const arn = await begin();
  const { status, output } = await executionEnd(system, arn);
  expect([status, output]).toEqual(["SUCCEEDED", [expect.objectContaining({ status: "RolledBack" })]]);
  expect(await executionPath(system, arn)).toContain("Wait for free endpoint");
  expect((await described()).EndpointConfigName).toBe((await record()).endpointConfigName);
});

test.each<[string, (record: ServingRecord) => string]>([
  [
    "names another configuration",
    (record) => JSON.stringify({ ...record, modelVersion: "20200101-000000-abcdef", endpointConfigName: "gone" }),
  ],
  ["has other features", (record) => JSON.stringify({ ...record, featureHash: "0000000000000000" })],
  ["is no JSON", () => "garbage"],
])("a serving record that %s is corrected by the next run, whatever that is about", async (_, wrong) => {
  const { modelVersion, featureHash, endpointConfigName } = await record();
  await system.ssm.send(
    new PutParameterCommand({
      Name: naming.path("models", MODEL, "serving"),
      Overwrite: true,
      Value: wrong(await record()),
    }),
  );
  const { executionArn = "" } = await system.states.send(
    new StartExecutionCommand({
      stateMachineArn: stateMachineArn(system),
      input: JSON.stringify({ models: [MODEL] }),
    }),
  );
  const { status, output } = await executionEnd(system, executionArn);
  expect([status, output]).toEqual([
    "SUCCEEDED",
    [expect.objectContaining({ corrected: expect.stringContaining(`was corrected and names ${modelVersion}`) })],
  ]);
  expect(await record()).toMatchObject({ modelVersion, featureHash, endpointConfigName });
});

test.each([
  ["that Step Functions has forgotten", (arn: string) => `${arn.replace(":stateMachine:", ":execution:")}:forgotten#0`],
  ["that was never one", () => "nobody"],
])("a lock of an execution %s does not keep the model", async (_, holder) => {
  const dynamodb = new DynamoDBClient(emulatorSettings(system.emulator, system.config));
  await dynamodb.send(
    new PutItemCommand({
      TableName: naming.of("table", "runs"),
      Item: { model: { S: MODEL }, holder: { S: holder(stateMachineArn(system)) } },
    }),
  );
  const arn = await begin();
  const { output } = await executionEnd(system, arn);
  expect(output).toMatchObject([{ status: "RolledBack" }]);
  expect(await executionPath(system, arn)).toContain("Take over");
});

describe("an endpoint that serves from instances of another type", () => {
  const variant = () => ({
    ServiceNamespace: "sagemaker" as const,
    ResourceId: `endpoint/${endpoint}/variant/AllTraffic`,
    ScalableDimension: "sagemaker:variant:DesiredInstanceCount" as const,
  });
  const targets = async () => {
    const { ServiceNamespace, ResourceId } = variant();
    const request = { ServiceNamespace, ResourceIds: [ResourceId] };
    return (await scaling.send(new DescribeScalableTargetsCommand(request))).ScalableTargets ?? [];
  };
  const policies = async () =>
    (await scaling.send(new DescribeScalingPoliciesCommand(variant()))).ScalingPolicies ?? [];
  const instanceType = async () => {
    const { EndpointConfigName } = await described();
    const { ProductionVariants } = await sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName }));
    return ProductionVariants?.[0]?.InstanceType;
  };

  let target: ScalableTarget;
  let policy: ScalingPolicy;
  beforeAll(async () => {
    [target, policy] = [(await targets())[0] as ScalableTarget, (await policies())[0] as ScalingPolicy];
  });

  /** Puts the endpoint on larger instances, registered for auto scaling as before. */
  async function enlarge(): Promise<void> {
    if ((await targets()).length > 0) await scaling.send(new DeregisterScalableTargetCommand(variant()));
    await update({ InstanceType: "ml.m5.xlarge" }, 0);
    await settled();
    expect(await instanceType()).toBe("ml.m5.xlarge");
    const { MinCapacity, MaxCapacity } = target;
    const { PolicyName, PolicyType, TargetTrackingScalingPolicyConfiguration } = policy;
    await scaling.send(new RegisterScalableTargetCommand({ ...variant(), MinCapacity, MaxCapacity }));
    await scaling.send(
      new PutScalingPolicyCommand({ ...variant(), PolicyName, PolicyType, TargetTrackingScalingPolicyConfiguration }),
    );
  }

  test("a run that could not register it for auto scaling again says so loudly", async () => {
    await enlarge();
    await without(system, ["main", "states"], "application-autoscaling:RegisterScalableTarget", async () => {
      const { status, cause } = await executionEnd(system, await begin());
      expect([status, cause]).toEqual([
        "FAILED",
        expect.stringMatching(/failed at Register scaling: .*THE ENDPOINT DOES NOT SCALE/),
      ]);
    });
    expect(await targets()).toEqual([]);
  });

  test("comes back to the configured one, and scales as before", async () => {
    await enlarge();
    const { status, output } = await executionEnd(system, await begin());
    expect([status, output]).toEqual(["SUCCEEDED", [expect.objectContaining({ status: "RolledBack" })]]);
    expect(await instanceType()).toBe("ml.m5.large");
    const { MinCapacity, MaxCapacity } = target;
    expect(await targets()).toMatchObject([{ MinCapacity, MaxCapacity }]);
    const { PolicyName, PolicyType, TargetTrackingScalingPolicyConfiguration } = policy;
    expect(await policies()).toMatchObject([{ PolicyName, PolicyType, TargetTrackingScalingPolicyConfiguration }]);
  });
});
