import {
  BucketLocationConstraint,
  CreateBucketCommand,
  HeadBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { Config } from "../../../config";
import { stateBucket } from "../../../modules/base/naming";
import { tlsOnly } from "../../../modules/identity/policies";
import { UserError } from "../process";

function locationOf(region: string): BucketLocationConstraint {
  const location = Object.values(BucketLocationConstraint).find((each) => each === region);
  if (location === undefined) {
    throw new UserError(`S3's client knows no region ${region}; correct it, or install a newer @aws-sdk/client-s3.`);
  }
  return location;
}

/** Creates the bucket of an environment's Terraform state where it is missing, and sets it up; harmless to repeat. */
export async function ensureStateBucket(
  s3: S3Client,
  config: Config,
  keyArn: string,
): Promise<{ bucket: string; created: boolean }> {
  const bucket = stateBucket(config);
  const owned = { Bucket: bucket, ExpectedBucketOwner: config.accountId };
  const created = await s3.send(new HeadBucketCommand(owned)).then(
    () => false,
    async (error: Error) => {
      if (error.name !== "NotFound") throw error;
      await s3.send(
        new CreateBucketCommand({
          Bucket: bucket,
          // us-east-1 is the one region that must not be named.
          ...(config.region !== "us-east-1" && {
            CreateBucketConfiguration: { LocationConstraint: locationOf(config.region) },
          }),
        }),
      );
      return true;
    },
  );
  await s3.send(new PutBucketVersioningCommand({ ...owned, VersioningConfiguration: { Status: "Enabled" } }));
  await s3.send(
    new PutBucketEncryptionCommand({
      ...owned,
      ServerSideEncryptionConfiguration: {
        Rules: [
          {
            ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID: keyArn },
            BucketKeyEnabled: true,
          },
        ],
      },
    }),
  );
  await s3.send(
    new PutPublicAccessBlockCommand({
      ...owned,
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    }),
  );
  await s3.send(new PutBucketPolicyCommand({ ...owned, Policy: tlsOnly(`arn:aws:s3:::${bucket}`) }));
  return { bucket, created };
}
