import { GetAccountCommand } from "@aws-sdk/client-api-gateway";
import { BatchGetImageCommand } from "@aws-sdk/client-ecr";
import { GetRoleCommand, ListRoleTagsCommand } from "@aws-sdk/client-iam";
import { DescribeKeyCommand, GetKeyPolicyCommand } from "@aws-sdk/client-kms";
import { GetAccountSettingsCommand } from "@aws-sdk/client-lambda";
import { GetBucketEncryptionCommand, GetBucketVersioningCommand, HeadBucketCommand } from "@aws-sdk/client-s3";
import { DescribeWorkteamCommand } from "@aws-sdk/client-sagemaker";
import { ListServiceQuotasCommand } from "@aws-sdk/client-service-quotas";
import { GetServiceSettingCommand } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { mockClient } from "aws-sdk-client-mock";
import { type Config, loadConfig } from "../../../config";
import { stateBucket } from "../../../modules/base/naming";
import { CHECKS, examineAll, report } from "../../../scripts/lib/doctor";
import { needs } from "../../../scripts/lib/doctor/capacity";
import { examine, type Surroundings } from "../../../scripts/lib/doctor/check";
import { clientsOf } from "../../../scripts/lib/doctor/clients";
import { plannedOf } from "../../../scripts/lib/doctor/planned";

const config = loadConfig("production");
const clients = clientsOf({ region: config.region }, false);
const { sts, s3, iam, kms, quotas, ecr, apiGateway, sagemaker, lambda, ssm } = Object.fromEntries(
  Object.entries(clients).map(([name, client]) => [name, mockClient(client as never)]),
) as unknown as { [K in keyof typeof clients]: ReturnType<typeof mockClient> };
const mocks = [sts, s3, iam, kms, quotas, ecr, apiGateway, sagemaker, lambda, ssm];

const planned = plannedOf([
  {
    resource: {
      aws_s3_bucket: { a: { bucket: "bucket-a" }, b: { bucket: "bucket-b" } },
      aws_iam_role: { r: { name: "role-r" }, l: { name: "role-logging" } },
      aws_lambda_function: { f: { reserved_concurrent_executions: 650 }, g: {} },
      aws_kms_alias: { k: { name: "alias/vwt" } },
      aws_kms_key: { k: { policy: '{"Statement":[{"Sid":"IamGoverns"},{"Sid":"Logs"}]}' } },
    },
  },
  { data: { aws_sagemaker_prebuilt_ecr_image: { i: { repository_name: "sagemaker-xgboost", image_tag: "3.0-5" } } } },
]);

const error = (name: string, httpStatusCode = 400) =>
  Object.assign(new Error("no"), { name, $metadata: { httpStatusCode } });
const denied = error("AccessDeniedException", 400);
const tags = (Environment: string) => ({
  Tags: Object.entries({ Project: "vwt", Environment }).map(([Key, Value]) => ({ Key, Value })),
});
const allQuotas = (value: number) => ({
  Quotas: needs(config).map(({ quota }) => ({ QuotaName: quota, Value: value })),
});
const lambdas = (ConcurrentExecutions: number, UnreservedConcurrentExecutions: number) =>
  lambda
    .on(GetAccountSettingsCommand)
    .resolves({ AccountLimit: { ConcurrentExecutions, UnreservedConcurrentExecutions } });
const groundTruth = "arn:aws:sagemaker:eu-west-1:000000000000:workteam/private-crowd/team";
const withModels = (change: object): Config => ({
  ...config,
  models: Object.fromEntries(Object.entries(config.models).map(([name, model]) => [name, { ...model, ...change }])),
});
const labelled = withModels({
  retraining: {
    ...Object.values(config.models)[0]?.retraining,
    labelling: { groundTruth: { workteamArn: groundTruth } },
  },
});

/** An account where nothing is amiss and nothing is deployed yet. */
beforeEach(() => {
  for (const mock of mocks) mock.reset();
  sts.on(GetCallerIdentityCommand).resolves({ Account: config.accountId, Arn: "arn:aws:iam::000000000000:user/a" });
  s3.on(HeadBucketCommand).rejects(error("NotFound", 404));
  s3.on(HeadBucketCommand, { ExpectedBucketOwner: config.accountId, Bucket: stateBucket(config) }).resolves({});
  s3.on(GetBucketEncryptionCommand).resolves({
    ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms" } }] },
  });
  s3.on(GetBucketVersioningCommand).resolves({ Status: "Enabled" });
  iam.on(ListRoleTagsCommand).rejects(error("NoSuchEntityException", 404));
  kms.on(DescribeKeyCommand).rejects(error("NotFoundException"));
  quotas.on(ListServiceQuotasCommand).resolves(allQuotas(100));
  ecr.on(BatchGetImageCommand).resolves({ images: [{}] });
  apiGateway.on(GetAccountCommand).resolves({ cloudwatchRoleArn: "arn:aws:iam::000000000000:role/logs" });
  iam.on(GetRoleCommand).resolves({});
  lambdas(1000, 1000);
  ssm.on(GetServiceSettingCommand).resolves({ ServiceSetting: { SettingValue: "false" } });
});

const surroundings = (of: Config = config): Surroundings => ({ config: of, planned, ...clients });
const look = async (name: string, of?: Config) => {
  const check = CHECKS.find((each) => each.name === name);
  if (!check) throw new Error(name);
  const { level, says } = await examine(check, surroundings(of), false);
  return [level, says] as const;
};

test("an account where nothing is amiss", async () => {
  const examined = await examineAll(surroundings(), false);
  expect(examined.filter(({ level }) => level !== "ok").map(({ name, level }) => [name, level])).toEqual([
    ["Ground Truth", "skipped"],
  ]);
  expect(examined).toHaveLength(CHECKS.length);
});

test.each([
  ["credentials that AWS refuses", () => sts.on(GetCallerIdentityCommand).rejects(error("ExpiredToken", 403))],
  ["another account", () => sts.on(GetCallerIdentityCommand).resolves({ Account: "111122223333" })],
])("without the right credentials nothing else is asked: %s", async (_, arrange) => {
  arrange();
  const examined = await examineAll(surroundings(), false);
  expect(examined).toMatchObject([{ name: "Credentials", level: "failed" }]);
  expect(report(examined)).toContain("remedy   sign in");
});

const cases: readonly [name: string, level: string, says: RegExp, arrange: () => unknown, of?: Config][] = [
  ["Terraform state", "failed", /not there/, () => s3.on(HeadBucketCommand).rejects(error("NotFound", 404))],
  ["Terraform state", "failed", /not ours/, () => s3.on(HeadBucketCommand).rejects(error("Forbidden", 403))],
  ["Terraform state", "failed", /not versioned$/, () => s3.on(GetBucketVersioningCommand).resolves({})],
  [
    "Terraform state",
    "failed",
    /encrypted by nothing/,
    () => s3.on(GetBucketEncryptionCommand).rejects(error("ServerSideEncryptionConfigurationNotFoundError", 404)),
  ],
  [
    "Terraform state",
    "warning",
    /may not/,
    () => s3.on(GetBucketVersioningCommand).rejects(error("AccessDenied", 403)),
  ],
  ["Names of buckets", "ok", /^0 are free, 2 are ours/, () => s3.on(HeadBucketCommand).resolves({})],
  [
    "Names of buckets",
    "failed",
    /bucket-b$/,
    () => s3.on(HeadBucketCommand, { Bucket: "bucket-b" }).rejects(error("Forbidden", 403)),
  ],
  ["Names of roles", "ok", /^0 are free, 2 are ours/, () => iam.on(ListRoleTagsCommand).resolves(tags("production"))],
  ["Names of roles", "failed", /role-r, /, () => iam.on(ListRoleTagsCommand).resolves(tags("development"))],
  ["Names of roles", "warning", /may not/, () => iam.on(ListRoleTagsCommand).rejects(error("AccessDenied", 403))],
  [
    "Encryption key",
    "failed",
    /PendingDeletion/,
    () => kms.on(DescribeKeyCommand).resolves({ KeyMetadata: { KeyId: "k", KeyState: "PendingDeletion" } }),
  ],
  [
    "Encryption key",
    "warning",
    /lacks Logs$/,
    () => {
      kms.on(DescribeKeyCommand).resolves({ KeyMetadata: { KeyId: "k", KeyState: "Enabled" } });
      kms.on(GetKeyPolicyCommand).resolves({ Policy: '{"Statement":[{"Sid":"IamGoverns"}]}' });
    },
  ],
  ["Encryption key", "warning", /may not/, () => kms.on(DescribeKeyCommand).rejects(denied)],
  [
    "Quotas of instances",
    "failed",
    /ml\.m5\.large for endpoint usage: 2 of 32/,
    () => quotas.on(ListServiceQuotasCommand).resolves(allQuotas(2)),
  ],
  [
    "Quotas of instances",
    "warning",
    /^enough to begin with.*24xlarge for training job usage: 0 of 1/,
    () =>
      quotas.on(ListServiceQuotasCommand).resolves({
        Quotas: needs(config).map(({ quota, atOnce }) => ({ QuotaName: quota, Value: atOnce ? 100 : 0 })),
      }),
  ],
  ["Quotas of instances", "failed", /none listed/, () => quotas.on(ListServiceQuotasCommand).resolves({ Quotas: [] })],
  ["Quotas of instances", "warning", /may not/, () => quotas.on(ListServiceQuotasCommand).rejects(denied)],
  [
    "Concurrency of functions",
    "failed",
    /^10 may run at once, the configuration counts on 1000$/,
    () => lambdas(10, 10),
  ],
  ["Concurrency of functions", "ok", /^2000 may run at once/, () => lambdas(2000, 1350)],
  ["Concurrency of functions", "warning", /1400 are reserved, of which we ask for 650/, () => lambdas(2000, 600)],
  ["Concurrency of functions", "warning", /may not/, () => lambda.on(GetAccountSettingsCommand).rejects(denied)],
  [
    "Reads of parameters",
    "warning",
    /66 containers/,
    () => {},
    { ...config, api: { ...config.api, servingRecordFreshInSeconds: 5 } },
  ],
  [
    "Reads of parameters",
    "ok",
    /^10000 a second/,
    () => ssm.on(GetServiceSettingCommand).resolves({ ServiceSetting: { SettingValue: "true" } }),
  ],
  ["Reads of parameters", "warning", /may not/, () => ssm.on(GetServiceSettingCommand).rejects(denied)],
  ["Built-in image", "failed", /3\.0-5 is not there/, () => ecr.on(BatchGetImageCommand).resolves({ images: [] })],
  ["Built-in image", "skipped", /^141502667606.*only SageMaker/, () => ecr.on(BatchGetImageCommand).rejects(denied)],
  ["Built-in image", "failed", /no registry/, () => {}, { ...config, region: "eu-nowhere-9" }],
  ["Built-in image", "skipped", /its own/, () => {}, withModels({ image: "ecr" })],
  ["API Gateway's log role", "failed", /there is none/, () => apiGateway.on(GetAccountCommand).resolves({})],
  [
    "API Gateway's log role",
    "failed",
    /role\/logs is not there any more/,
    () => iam.on(GetRoleCommand).rejects(error("NoSuchEntityException", 404)),
  ],
  ["API Gateway's log role", "warning", /may not/, () => apiGateway.on(GetAccountCommand).rejects(denied)],
  ["Ground Truth", "ok", /1 teams/, () => sagemaker.on(DescribeWorkteamCommand).resolves({}), labelled],
  [
    "Ground Truth",
    "failed",
    /no team/,
    () => sagemaker.on(DescribeWorkteamCommand).rejects(error("ValidationException")),
    labelled,
  ],
  ["Ground Truth", "warning", /may not/, () => sagemaker.on(DescribeWorkteamCommand).rejects(denied), labelled],
];

for (const [name, level, says, arrange, of] of cases) {
  test(`${name}: ${level}, ${says}`, async () => {
    arrange();
    expect(await look(name, of)).toEqual([level, expect.stringMatching(says)]);
  });
}

test("the network's failures fail the check, and say so", async () => {
  kms.on(DescribeKeyCommand).rejects(error("TimeoutError"));
  expect(await look("Encryption key")).toEqual(["failed", "could not be looked at: TimeoutError: no"]);
});

test("every check says why it looks, what it needs and what to do", () => {
  for (const { name, why, remedy, needs: permission } of CHECKS) {
    expect([name, why, remedy, permission]).toEqual(Array(4).fill(expect.stringMatching(/./)));
  }
  expect(new Set(CHECKS.map(({ name }) => name)).size).toBe(CHECKS.length);
});
