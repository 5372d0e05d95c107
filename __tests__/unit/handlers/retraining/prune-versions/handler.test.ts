import { DeleteObjectsCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
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
import type { handler as Handler, PruneInput } from "../../../../../handlers/retraining/prune-versions";
import { catchOutput } from "../../output";

const MODEL = "gambling-behaviour-marketing";
const s3 = mockClient(S3Client);
const sagemaker = mockClient(SageMakerClient);
const output = catchOutput();
let handler: typeof Handler;

beforeAll(async () => {
  Object.assign(process.env, {
    ENVIRONMENT: "test",
    LOG_LEVEL: "INFO",
    MODEL_BUCKETS: JSON.stringify({ [MODEL]: "bucket" }),
    AWS_REGION: "eu-west-1",
  });
  ({ handler } = await import("../../../../../handlers/retraining/prune-versions"));
});

const RUN_1 = "vwt-m-20261101-120000-aaaaaa";
const RUN_2 = "vwt-m-20261102-120000-bbbbbb";
const input: PruneInput = {
  model: MODEL,
  versions: "group",
  prefix: "vwt-m",
  configuration: RUN_2,
  serving: "v5",
  keep: 2,
};

/** Deletions, in their order. */
let deleted: string[];
const deletes = (what: string) => async (request: object) => {
  const [name] = Object.values(request);
  deleted.push(`${what} ${name}`);
  return {};
};
beforeEach(() => {
  s3.reset();
  sagemaker.reset();
  deleted = [];
  sagemaker.on(DeleteEndpointConfigCommand).callsFake(deletes("configuration"));
  sagemaker.on(DeleteModelCommand).callsFake(deletes("model"));
  sagemaker.on(DeleteModelPackageCommand).callsFake(deletes("package"));
  s3.on(DeleteObjectsCommand).callsFake(async ({ Delete }) => {
    deleted.push(...Delete.Objects.map(({ Key }: { Key: string }) => `object ${Key}`));
    return {};
  });
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
  const folders = ["v1", "v2", "v3", "v4", "v5"].map((version) => ({ Prefix: `runs/${version}/` }));
  s3.on(ListObjectsV2Command, { Bucket: "bucket", Prefix: "runs/" }).resolves({ CommonPrefixes: folders });
  for (const { Prefix } of folders) {
    const rows = Prefix.replace("runs/", "rows/");
    s3.on(ListObjectsV2Command, { Bucket: "bucket", Prefix })
      .resolves({ Contents: [{ Key: `${Prefix}data.json` }] })
      .on(ListObjectsV2Command, { Bucket: "bucket", Prefix: rows })
      .resolves({ Contents: [{ Key: `${rows}train/0.csv` }] });
  }
});

const version = (name: string) => [`model vwt-m-${name}`, `package arn:${name}`];
const folder = (name: string) => [`object rows/${name}/train/0.csv`, `object runs/${name}/data.json`];

test("retires the oldest first, each with its model and package, and then what their runs left", async () => {
  expect(await handler(input)).toEqual({ retired: ["v1", "v2", "v3"] });
  expect(deleted).toEqual([...["v1", "v2", "v3"].flatMap(version), ...["v1", "v2", "v3"].flatMap(folder)]);
  expect(sagemaker.commandCalls(ListModelPackagesCommand)[0]?.args[0].input).toMatchObject({
    ModelPackageGroupName: "group",
    SortBy: "CreationTime",
    SortOrder: "Descending",
  });
  expect(output.text()).toContain("pruned");
});

test("an old version that serves stays", async () => {
  expect(await handler({ ...input, serving: "v1" })).toEqual({ retired: ["v2", "v3"] });
  expect(deleted).not.toEqual(expect.arrayContaining([expect.stringMatching(/v1/)]));
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
  expect(deleted).toEqual([`configuration ${RUN_1}`]);
});

test("nothing to retire, nothing deleted", async () => {
  expect(await handler({ ...input, keep: 5 })).toEqual({ retired: [] });
  expect(deleted).toEqual([]);
});

test.each([
  ["model", DeleteModelCommand, 'Could not find model "arn".'],
  ["package", DeleteModelPackageCommand, "ModelPackage arn:aws does not exist"],
])("a %s that is gone already is fine", async (what, command, message) => {
  const gone = Object.assign(new Error(message), { name: "ValidationException" });
  sagemaker.on(command as typeof DeleteModelCommand).rejects(gone);
  expect(await handler({ ...input, keep: 4 })).toEqual({ retired: ["v1"] });
  expect(deleted).toEqual([...version("v1").filter((each) => !each.startsWith(what)), ...folder("v1")]);
});

test.each([
  ["model", DeleteModelCommand, 0],
  ["package", DeleteModelPackageCommand, 1],
])("when a %s cannot be deleted, what comes after it stays", async (_, command, before) => {
  sagemaker.on(command as typeof DeleteModelCommand).rejects(new Error("AccessDenied"));
  await expect(handler(input)).rejects.toThrow("AccessDenied");
  expect(deleted).toEqual(version("v1").slice(0, before));
});

test("a registry that cannot be read retires nothing", async () => {
  sagemaker.on(DescribeModelPackageCommand, { ModelPackageName: "arn:v3" }).rejects(new Error("ThrottlingException"));
  await expect(handler(input)).rejects.toThrow("ThrottlingException");
  expect(deleted).toEqual([]);
});
