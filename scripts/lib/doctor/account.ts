import { ListRoleTagsCommand } from "@aws-sdk/client-iam";
import { DescribeKeyCommand, GetKeyPolicyCommand } from "@aws-sdk/client-kms";
import {
  GetBucketEncryptionCommand,
  GetBucketVersioningCommand,
  HeadBucketCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { stateBucket } from "../../../modules/base/naming";
import { type Check, failed, named, ok, orNothing, statusOf, warning } from "./check";

/** Tells whose a bucket is; `free` when nobody in the world has its name. */
async function ownerOf(s3: S3Client, Bucket: string, ExpectedBucketOwner: string): Promise<"free" | "ours" | "other"> {
  return s3.send(new HeadBucketCommand({ Bucket, ExpectedBucketOwner })).then(
    () => "ours" as const,
    (error: unknown) => {
      if (statusOf(error) === 404) return "free";
      // Somebody of the account who may not list the bucket gets this answer, too.
      if (statusOf(error) === 403 || statusOf(error) === 301) return "other";
      throw error;
    },
  );
}

const credentials: Check = {
  name: "Credentials",
  why: "Terraform refuses every other account, and SageMaker's jobs run where the endpoints are",
  remedy:
    "sign in to the account of the environment, or correct VWT_ACCOUNT_ID; turn the region on in the account's settings",
  needs: "nothing",
  look: async ({ sts, config }) => {
    // The region's own endpoint, which refuses an account that has not turned the region on.
    const answer = await sts.send(new GetCallerIdentityCommand({})).catch((error: Error) => error);
    if (answer instanceof Error) return failed(`AWS does not accept them in ${config.region}: ${answer.message}`);
    const { Account, Arn } = answer;
    return Account === config.accountId
      ? ok(`${Arn} in ${config.region}`)
      : failed(`the credentials are of account ${Account}, the environment belongs to ${config.accountId}`);
  },
};

const state: Check = {
  name: "Terraform state",
  why: "the state holds the values of API keys, and without versions a broken one cannot be restored",
  remedy: "npm run bootstrap -- <environment>",
  needs: "s3:ListBucket, s3:GetEncryptionConfiguration, s3:GetBucketVersioning",
  look: async ({ s3, config }) => {
    const Bucket = stateBucket(config);
    const owner = await ownerOf(s3, Bucket, config.accountId);
    if (owner === "free") return failed(`${Bucket} is not there`);
    if (owner === "other")
      return failed(`${Bucket} is not ours or may not be listed`, "see who owns it, and allow s3:ListBucket");
    const { ServerSideEncryptionConfiguration } = await s3.send(new GetBucketEncryptionCommand({ Bucket })).catch(
      orNothing(named("ServerSideEncryptionConfigurationNotFoundError"), {
        ServerSideEncryptionConfiguration: undefined,
      }),
    );
    const algorithm = ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm;
    const { Status } = await s3.send(new GetBucketVersioningCommand({ Bucket }));
    const wrong = [
      ...(algorithm?.startsWith("aws:kms") ? [] : [`encrypted by ${algorithm ?? "nothing"} instead of KMS`]),
      ...(Status === "Enabled" ? [] : ["not versioned"]),
    ];
    return wrong.length === 0
      ? ok(`${Bucket} is encrypted and versioned`)
      : failed(`${Bucket} is ${wrong.join(" and ")}`);
  },
};

const buckets: Check = {
  name: "Names of buckets",
  why: "bucket names are the world's: a name that another account has stops the storage stack",
  remedy: "choose another project or environment name, which the names are made of",
  needs: "s3:ListBucket",
  look: async ({ s3, config, planned }) => {
    const names = planned("aws_s3_bucket").map(({ bucket }) => bucket as string);
    const owners = await Promise.all(
      names.map(async (name) => [name, await ownerOf(s3, name, config.accountId)] as const),
    );
    const having = (wanted: string) => owners.filter(([, owner]) => owner === wanted).map(([name]) => name);
    const others = having("other");
    return others.length > 0
      ? failed(`not ours, or not to be listed: ${others.join(", ")}`)
      : ok(`${having("free").length} are free, ${having("ours").length} are ours already`);
  },
};

const roles: Check = {
  name: "Names of roles",
  why: "role names are the account's, in all regions: a second owner of a name would overwrite the first one's permissions",
  remedy: "remove the role, or choose another project or environment name",
  needs: "iam:ListRoleTags",
  look: async ({ iam, config, planned }) => {
    const names = planned("aws_iam_role").map(({ name }) => name as string);
    const found: (readonly [string, "free" | "ours" | "other"])[] = [];
    // One after the other: IAM throttles early.
    for (const RoleName of names) {
      const answer = await iam
        .send(new ListRoleTagsCommand({ RoleName }))
        .catch(orNothing(named("NoSuchEntityException"), undefined));
      const tag = (key: string) => answer?.Tags?.find(({ Key }) => Key === key)?.Value;
      const ours = tag("Project") === config.project && tag("Environment") === config.environment;
      found.push([RoleName, answer === undefined ? "free" : ours ? "ours" : "other"]);
    }
    const others = found.filter(([, owner]) => owner === "other").map(([name]) => name);
    if (others.length > 0) return failed(`not made by this environment: ${others.join(", ")}`);
    const ours = found.filter(([, owner]) => owner === "ours").length;
    return ok(`${names.length - ours} are free, ${ours} are ours already`);
  },
};

const key: Check = {
  name: "Encryption key",
  why: "buckets, tables, logs and topics cannot be used without it, and services without a role need a statement each",
  remedy: "cancel the key's deletion or enable it; deploy the storage stack to bring its policy up to date",
  needs: "kms:DescribeKey, kms:GetKeyPolicy",
  look: async ({ kms, planned }) => {
    const [alias] = planned("aws_kms_alias").map(({ name }) => name as string);
    const described = await kms
      .send(new DescribeKeyCommand({ KeyId: alias }))
      .catch(orNothing(named("NotFoundException"), undefined));
    if (described === undefined) return ok(`${alias} is free`);
    const { KeyId, KeyState } = described.KeyMetadata ?? {};
    if (KeyState !== "Enabled") return failed(`${alias} is ${KeyState}`);
    const sids = (policy: unknown) =>
      (JSON.parse(policy as string) as { Statement: { Sid?: string }[] }).Statement.map(({ Sid }) => Sid);
    const { Policy } = await kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: "default" }));
    const missing = sids(planned("aws_kms_key")[0]?.policy).filter((sid) => !sids(Policy).includes(sid));
    return missing.length === 0
      ? ok(`${alias} is enabled, and its policy is complete`)
      : warning(`the policy of ${alias} lacks ${missing.join(", ")}`);
  },
};

/** Checks who asks, and whose names and keys are there. */
export const ACCOUNT: readonly [Check, ...Check[]] = [credentials, state, buckets, roles, key];
