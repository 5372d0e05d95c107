import { APIGatewayClient, GetAccountCommand, UpdateAccountCommand } from "@aws-sdk/client-api-gateway";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DescribeLogGroupsCommand,
  PutRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { AttachRolePolicyCommand, CreateRoleCommand, GetRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  EnableKeyRotationCommand,
  KMSClient,
} from "@aws-sdk/client-kms";
import {
  CreateBucketCommand,
  HeadBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { mockClient } from "aws-sdk-client-mock";
import { loadConfig } from "../../../config";
import { bootstrap } from "../../../scripts/lib/bootstrap";

const sleep = jest.fn(async (_: number) => {});
jest.mock("../../../scripts/lib/process", () => ({ sleep: (ms: number) => sleep(ms) }));

const config = loadConfig("production");
const [s3, kms, iam] = [mockClient(S3Client), mockClient(KMSClient), mockClient(IAMClient)];
const [apiGateway, logs] = [mockClient(APIGatewayClient), mockClient(CloudWatchLogsClient)];
const settings = { region: "eu-west-1", credentials: { accessKeyId: "a", secretAccessKey: "b" } };
const run = () =>
  bootstrap(
    {
      s3: new S3Client(settings),
      kms: new KMSClient(settings),
      iam: new IAMClient(settings),
      apiGateway: new APIGatewayClient(settings),
      logs: new CloudWatchLogsClient(settings),
    },
    config,
  );

const named = (name: string) => Object.assign(new Error(name), { name });
const role = (name: string) => ({
  Role: {
    Arn: `arn:aws:iam::000000000000:role/${name}`,
    Path: "/",
    RoleName: name,
    RoleId: "id",
    CreateDate: new Date(0),
  },
});
const ROLE = "vwt-account-api-gateway-logs";
const LOG_GROUPS = ["TrainingJobs", "ProcessingJobs", "LabelingJobs"].map((kind) => `/aws/sagemaker/${kind}`);

/** An account in which nothing was ever made. */
beforeEach(() => {
  for (const client of [s3, kms, iam, apiGateway, logs]) client.reset();
  sleep.mockClear();
  s3.on(HeadBucketCommand).rejects(named("NotFound"));
  for (const command of [
    CreateBucketCommand,
    PutBucketVersioningCommand,
    PutBucketEncryptionCommand,
    PutPublicAccessBlockCommand,
    PutBucketPolicyCommand,
  ])
    s3.on(command as typeof CreateBucketCommand).resolves({});
  kms.on(DescribeKeyCommand).rejects(named("NotFoundException"));
  kms.on(CreateKeyCommand).callsFake(({ Description }) => {
    const KeyId = Description.includes("Logs") ? "logs" : "state";
    return { KeyMetadata: { KeyId, Arn: `arn:${KeyId}` } };
  });
  kms.on(EnableKeyRotationCommand).resolves({}).on(CreateAliasCommand).resolves({});
  iam.on(GetRoleCommand).rejects(named("NoSuchEntityException"));
  iam.on(CreateRoleCommand).resolves(role(ROLE)).on(AttachRolePolicyCommand).resolves({});
  apiGateway.on(GetAccountCommand).resolves({}).on(UpdateAccountCommand).resolves({});
  logs.on(DescribeLogGroupsCommand).resolves({ logGroups: [] });
  logs.on(CreateLogGroupCommand).resolves({}).on(PutRetentionPolicyCommand).resolves({});
});

const inputs = (
  mock: { commandCalls: (command: never) => { args: readonly [{ input: unknown }] }[] },
  command: unknown,
) => mock.commandCalls(command as never).map(({ args }) => args[0].input);

describe("an account in which nothing was made", () => {
  test("the state bucket is encrypted with a key of its own, which rotates", async () => {
    await run();
    expect(inputs(kms, CreateAliasCommand)).toEqual([
      { AliasName: "alias/vwt-production-terraform-state", TargetKeyId: "state" },
      { AliasName: "alias/vwt-account-logs", TargetKeyId: "logs" },
    ]);
    expect(inputs(kms, EnableKeyRotationCommand)).toEqual([{ KeyId: "state" }, { KeyId: "logs" }]);
    expect(inputs(s3, PutBucketEncryptionCommand)).toEqual([
      expect.objectContaining({
        ServerSideEncryptionConfiguration: {
          Rules: [
            {
              ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID: "arn:state" },
              BucketKeyEnabled: true,
            },
          ],
        },
      }),
    ]);
  });

  test("API Gateway gets one role for all environments", async () => {
    await run();
    expect(inputs(iam, AttachRolePolicyCommand)).toEqual([
      {
        RoleName: ROLE,
        PolicyArn: "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs",
      },
    ]);
    expect(inputs(apiGateway, UpdateAccountCommand)).toEqual([
      { patchOperations: [{ op: "replace", path: "/cloudwatchRoleArn", value: role(ROLE).Role.Arn }] },
    ]);
  });

  test("the logs of SageMaker's jobs have retention and key before the first job", async () => {
    await run();
    expect(inputs(logs, CreateLogGroupCommand)).toEqual(
      LOG_GROUPS.map((logGroupName) => ({ logGroupName, kmsKeyId: "arn:logs" })),
    );
    expect(inputs(logs, PutRetentionPolicyCommand)).toEqual(
      LOG_GROUPS.map((logGroupName) => ({ logGroupName, retentionInDays: 365 })),
    );
  });
});

test("API Gateway is asked again until it sees the new role", async () => {
  apiGateway
    .on(UpdateAccountCommand)
    .rejectsOnce(named("BadRequestException"))
    .rejectsOnce(named("BadRequestException"))
    .resolves({});
  await run();
  expect(sleep).toHaveBeenCalledTimes(2);
  apiGateway.on(UpdateAccountCommand).rejects(named("AccessDeniedException"));
  await expect(run()).rejects.toThrow("AccessDeniedException");
});

describe("an account that others use", () => {
  const theirs = "arn:aws:iam::000000000000:role/service/theirs";

  test("a role that API Gateway has stays", async () => {
    apiGateway.on(GetAccountCommand).resolves({ cloudwatchRoleArn: theirs });
    iam.on(GetRoleCommand, { RoleName: "theirs" }).resolves(role("service/theirs"));
    expect(await run()).toContain(`API Gateway writes the logs of all APIs of the region as ${theirs}, as before.`);
    expect(inputs(iam, CreateRoleCommand)).toEqual([]);
    expect(inputs(apiGateway, UpdateAccountCommand)).toEqual([]);
  });

  test("a role that API Gateway has but that no longer exists is replaced", async () => {
    apiGateway.on(GetAccountCommand).resolves({ cloudwatchRoleArn: theirs });
    await run();
    expect(inputs(apiGateway, UpdateAccountCommand)).toHaveLength(1);
  });

  test("log groups that are there stay as they are, and what they lack is said with a remedy", async () => {
    logs.on(DescribeLogGroupsCommand, { logGroupNamePrefix: "/aws/sagemaker/TrainingJobs" }).resolves({
      logGroups: [
        { logGroupName: "/aws/sagemaker/TrainingJobs-of-others", retentionInDays: 1 },
        { logGroupName: "/aws/sagemaker/TrainingJobs" },
      ],
    });
    logs.on(DescribeLogGroupsCommand, { logGroupNamePrefix: "/aws/sagemaker/ProcessingJobs" }).resolves({
      logGroups: [{ logGroupName: "/aws/sagemaker/ProcessingJobs", retentionInDays: 14, kmsKeyId: "arn:other" }],
    });
    const said = await run();
    expect(said.slice(2)).toEqual([
      "/aws/sagemaker/TrainingJobs has no key: aws logs associate-kms-key --log-group-name /aws/sagemaker/TrainingJobs --kms-key-id arn:logs",
      "/aws/sagemaker/TrainingJobs keeps logs for ever, the configuration says 365: aws logs put-retention-policy --log-group-name /aws/sagemaker/TrainingJobs --retention-in-days 365",
      "/aws/sagemaker/ProcessingJobs keeps logs for 14 days, the configuration says 365: aws logs put-retention-policy --log-group-name /aws/sagemaker/ProcessingJobs --retention-in-days 365",
    ]);
    expect(inputs(logs, CreateLogGroupCommand)).toHaveLength(1);
  });
});

test("a second time, keys and role are found and nothing is made", async () => {
  s3.on(HeadBucketCommand).resolves({});
  kms.on(DescribeKeyCommand).resolves({ KeyMetadata: { KeyId: "state", Arn: "arn:state" } });
  apiGateway.on(GetAccountCommand).resolves({ cloudwatchRoleArn: role(ROLE).Role.Arn });
  iam.on(GetRoleCommand, { RoleName: ROLE }).resolves(role(ROLE));
  logs.on(DescribeLogGroupsCommand).callsFake(({ logGroupNamePrefix: logGroupName }) => ({
    logGroups: [{ logGroupName, retentionInDays: 365, kmsKeyId: "arn:logs" }],
  }));
  expect(await run()).toHaveLength(2);
  for (const [mock, command] of [
    [s3, CreateBucketCommand],
    [kms, CreateKeyCommand],
    [iam, CreateRoleCommand],
    [apiGateway, UpdateAccountCommand],
    [logs, CreateLogGroupCommand],
  ] as const)
    expect(inputs(mock as never, command)).toEqual([]);
});
