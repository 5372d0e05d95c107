import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketLifecycleConfiguration } from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
import { S3BucketObjectLockConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-object-lock-configuration";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning";
import { Construct } from "constructs";
import { BaseStack } from "../base/base-stack";
import type { AccountRole, ServiceRole } from "../identity/iam";
import { tlsOnly } from "../identity/policies";

export interface PrivateBucketProps {
  readonly name: string;
  /** Lets Terraform remove the bucket with what it holds. */
  readonly destroyable: boolean;
  /** @default null superseded versions are kept for ever */
  readonly noncurrentVersionDays?: number | null;
  /**
   * How long the objects under prefixes are kept, each by the id of its rule; `null` days are for ever. Of several that fit
   * an object, the shortest counts.
   * @default all objects are kept for ever
   */
  readonly retentions?: Readonly<Record<string, { readonly prefix: string; readonly days: number | null }>>;
  /**
   * Keeps every version from being removed or overwritten for so long (S3 Object Lock). A bucket that is there without it
   * would be replaced.
   * @default what may write the bucket may overwrite
   */
  readonly lock?: { readonly mode: "GOVERNANCE" | "COMPLIANCE"; readonly days: number };
}

/** Makes a bucket that is versioned, encrypted with our key, closed to the public, and reached over TLS only. */
export class PrivateBucket extends Construct {
  readonly name: string;
  readonly arn: string;
  /** Depend on this before writing objects: until then the bucket does not yet encrypt with our key. */
  readonly ready: Construct;

  constructor(scope: Construct, id: string, props: PrivateBucketProps) {
    super(scope, id);
    const bucket = new S3Bucket(this, "bucket", {
      bucket: props.name,
      // Of a bucket with Object Lock, the provider passes governance by.
      forceDestroy: props.destroyable,
      ...(props.lock && { objectLockEnabled: true }),
    });
    this.name = bucket.bucket;
    this.arn = bucket.arn;
    const versioning = new S3BucketVersioningA(this, "versioning", {
      bucket: bucket.id,
      versioningConfiguration: { status: "Enabled" },
    });
    this.ready = new S3BucketServerSideEncryptionConfigurationA(this, "encryption", {
      bucket: bucket.id,
      rule: [
        {
          applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: BaseStack.of(this).key.arn },
          // One data key for many objects: a fraction of the KMS calls and their cost.
          bucketKeyEnabled: true,
        },
      ],
    });
    const publicAccess = new S3BucketPublicAccessBlock(this, "public-access", {
      bucket: bucket.id,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    new S3BucketPolicy(this, "policy", {
      bucket: bucket.id,
      policy: tlsOnly(bucket.arn),
      // S3 refuses two bucket settings that change at the same moment.
      dependsOn: [publicAccess],
    });
    if (props.lock) {
      new S3BucketObjectLockConfigurationA(this, "lock", {
        bucket: bucket.id,
        rule: { defaultRetention: props.lock },
        dependsOn: [versioning],
      });
    }
    const rules = lifecycleRules(props);
    if (rules.length > 0) {
      new S3BucketLifecycleConfiguration(this, "lifecycle", {
        bucket: bucket.id,
        rule: rules,
        dependsOn: [versioning],
      });
    }
  }

  /** Lets the role list and read the objects whose keys fit `pattern`. */
  grantRead(role: ServiceRole, pattern = "*"): void {
    role
      .grant("bucket:list", this.arn)
      .grant("object:read", `${this.arn}/${pattern}`)
      .grant("key:use", BaseStack.of(this).key.arn);
  }

  /** Lets a role of another account list and read what is under a prefix. */
  grantReadUnder(role: AccountRole, prefix: string): void {
    role.grantPrefix(this.arn, prefix, BaseStack.of(this).key.arn);
  }

  /** Lets the role write, not read, the objects whose keys fit `pattern`. */
  grantWrite(role: ServiceRole, pattern: string): void {
    role.grant("object:write", `${this.arn}/${pattern}`).grant("key:use", BaseStack.of(this).key.arn);
  }

  /** Lets the role list the bucket, and remove the objects whose keys fit `pattern`. */
  grantRemove(role: ServiceRole, pattern: string): void {
    role.grant("bucket:list", this.arn).grant("object:remove", `${this.arn}/${pattern}`);
  }
}

function lifecycleRules({ noncurrentVersionDays, retentions = {} }: PrivateBucketProps) {
  const under = (prefix: string) => ({ status: "Enabled", filter: [{ prefix }] });
  return [
    ...(noncurrentVersionDays
      ? [
          {
            ...under(""),
            id: "noncurrent-versions",
            noncurrentVersionExpiration: [{ noncurrentDays: noncurrentVersionDays }],
            abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }],
          },
        ]
      : []),
    ...Object.entries(retentions).flatMap(([id, { prefix, days }]) =>
      days === null ? [] : [{ ...under(prefix), id, expiration: [{ days }] }],
    ),
  ];
}
