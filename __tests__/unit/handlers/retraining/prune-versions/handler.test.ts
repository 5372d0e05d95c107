import {
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DeleteModelPackageCommand,
  DescribeModelPackageCommand,
  ListEndpointConfigsCommand,
  ListModelPackagesCommand,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { mockClient } from "aws-sdk-client-mock";
import { versionRegistry } from "../../../../../handlers/retraining/prune-versions/adapters";
import { createHandler } from "../../../../../handlers/retraining/prune-versions/handler";
import { FakeBuckets, fakeTelemetry } from "../../fakes";

const MODEL = "gambling-behaviour-marketing";
const buckets = new FakeBuckets();
const sagemaker = mockClient(SageMakerClient);
const output = fakeTelemetry();
const handler = createHandler({
  environment: { MODEL_BUCKETS: new Map([[MODEL, "bucket"]]) },
  telemetry: output.telemetry,
  buckets: buckets.open,
  registry: versionRegistry(new SageMakerClient({ region: "eu-west-1" })),
});

const RUN_1 = "vwt-m-20261101-120000-aaaaaa";
const RUN_2 = "vwt-m-20261102-120000-bbbbbb";
const input = {
  model: MODEL,
  versions: "group",
  prefix: "vwt-m",
  configuration: RUN_2,
  serving: "v5",
  keep: 2,
};

/** What was deleted, in its order. */
const deleted = () => buckets.changes;
const deletes = (what: string) => async (request: object) => {
  const [name] = Object.values(request);
  buckets.changes.push(`${what} ${name}`);
  return {};
};
beforeEach(() => {
  buckets.reset();
  sagemaker.reset();
  sagemaker.on(DeleteEndpointConfigCommand).callsFake(deletes("configuration"));
  sagemaker.on(DeleteModelCommand).callsFake(deletes("model"));
  sagemaker.on(DeleteModelPackageCommand).callsFake(deletes("package"));
  // From the newest, on two pages.
  const page = (...versions: readonly string[]) => ({
    ModelPackageSummaryList: versions.map((version) => ({ ModelPackageArn: `arn:${version}` })) as never,
  });
  sagemaker
    .on(ListModelPackagesCommand)
    .resolves({ ...page("v5", "v4", "v3"), NextToken: "next" })
    .on(ListModelPackagesCommand, { NextToken: "next" })
    .resolves(page("v2", "v1"));
  sagemaker.on(DescribeModelPackageCommand).callsFake(async ({ ModelPackageName }) => ({
    CustomerMetadataProperties: { modelVersion: ModelPackageName.slice("arn:".length) },
  }));
  sagemaker.on(ListEndpointConfigsCommand).resolves({});
  for (const name of ["v1", "v2", "v3", "v4", "v5"]) {
    buckets.store(`bucket/runs/${name}/data.json`, "[]");
    buckets.store(`bucket/rows/${name}/train/0.csv`, "1,2");
  }
});

const version = (name: string) => [`model vwt-m-${name}`, `package arn:${name}`];
const folder = (name: string) => [`remove bucket/rows/${name}/train/0.csv`, `remove bucket/runs/${name}/data.json`];

test("retires the oldest first, each with its model and package, and then what their runs left", async () => {
  expect(await handler(input)).toEqual({ retired: ["v1", "v2", "v3"] });
  expect(deleted()).toEqual([...["v1", "v2", "v3"].flatMap(version), ...["v1", "v2", "v3"].flatMap(folder)]);
  expect(sagemaker.commandCalls(ListModelPackagesCommand)[0]?.args[0].input).toMatchObject({
    ModelPackageGroupName: "group",
    SortBy: "CreationTime",
    SortOrder: "Descending",
  });
  expect(output.text()).toContain("pruned");
});

test("an old version that serves stays", async () => {
  expect(await handler({ ...input, serving: "v1" })).toEqual({ retired: ["v2", "v3"] });
  expect(deleted()).not.toEqual(expect.arrayContaining([expect.stringMatching(/v1/)]));
});

test("the endpoint configuration that serves stays, and so do those that no run made", async () => {
  const named = (...names: readonly string[]) => ({
    EndpointConfigs: names.map((EndpointConfigName) => ({ EndpointConfigName })) as never,
  });
  const others = ["vwt-m-initial", "vwt-m-initial-serverless", "vwt-m-2-20261101-120000-aaaaaa", `other-${RUN_1}`];
  sagemaker
    .on(ListEndpointConfigsCommand, { NameContains: "vwt-m" })
    .resolves({ ...named(RUN_1, ...others), NextToken: "next" })
    .on(ListEndpointConfigsCommand, { NameContains: "vwt-m", NextToken: "next" })
    .resolves(named(RUN_2));
  await handler({ ...input, keep: 5 });
  expect(deleted()).toEqual([`configuration ${RUN_1}`]);
});

test("nothing to retire, nothing deleted", async () => {
  expect(await handler({ ...input, keep: 5 })).toEqual({ retired: [] });
  expect(deleted()).toEqual([]);
});

test.each([
  ["model", DeleteModelCommand, 'Could not find model "arn".'],
  ["package", DeleteModelPackageCommand, "ModelPackage arn:aws does not exist"],
])("a %s that is gone already is fine", async (what, command, message) => {
  const gone = Object.assign(new Error(message), { name: "ValidationException" });
  sagemaker.on(command as typeof DeleteModelCommand).rejects(gone);
  expect(await handler({ ...input, keep: 4 })).toEqual({ retired: ["v1"] });
  expect(deleted()).toEqual([...version("v1").filter((each) => !each.startsWith(what)), ...folder("v1")]);
});

test.each([
  ["model", DeleteModelCommand, 0],
  ["package", DeleteModelPackageCommand, 1],
])("when a %s cannot be deleted, what comes after it stays", async (_, command, before) => {
  sagemaker.on(command as typeof DeleteModelCommand).rejects(new Error("AccessDenied"));
  await expect(handler(input)).rejects.toThrow("AccessDenied");
  expect(deleted()).toEqual(version("v1").slice(0, before));
});

test("a registry that cannot be read retires nothing", async () => {
  sagemaker.on(DescribeModelPackageCommand, { ModelPackageName: "arn:v3" }).rejects(new Error("ThrottlingException"));
  await expect(handler(input)).rejects.toThrow("ThrottlingException");
  expect(deleted()).toEqual([]);
});

test.each([
  [{ ...input, keep: 0 }, "input keep must be a whole number of at least 1 (found a number)"],
  [{ ...input, serving: undefined }, "input serving is missing; it must be a non-empty string"],
])("an input %j is refused, and nothing is deleted", async (wrong, message) => {
  await expect(handler(wrong)).rejects.toThrow(message);
  expect(deleted()).toEqual([]);
});
