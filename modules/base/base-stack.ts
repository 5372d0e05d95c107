import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { S3Backend, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { Config } from "../../config";
import { Naming, stateBucket, stateKeyAlias } from "./naming";
import { tagsOf } from "./tags";

/** Whether Terraform will talk to an emulator: it and its S3 backend honour this variable. */
const emulated = process.env.AWS_ENDPOINT_URL !== undefined;

/** What every stack has: the provider with its default tags, remote state with a lock file, and names. */
export abstract class BaseStack extends TerraformStack {
  protected readonly naming: Naming;

  constructor(
    scope: Construct,
    name: string,
    protected readonly config: Config,
  ) {
    // The environment is part of the id, because CDKTF keeps one working folder, with its backend, per id.
    super(scope, `${config.environment}-${name}`);
    this.naming = new Naming(config);
    new AwsProvider(this, "aws", {
      region: config.region,
      allowedAccountIds: [config.accountId],
      defaultTags: [{ tags: tagsOf(config) }],
      ...(emulated && { s3UsePathStyle: true, skipMetadataApiCheck: "true" }),
    });
    new S3Backend(this, {
      bucket: stateBucket(config),
      key: `${name}.tfstate`,
      region: config.region,
      encrypt: true,
      // Without it, the state would be under S3's own key, whatever the bucket's is. It holds the values of API keys.
      kmsKeyId: stateKeyAlias(config),
      ...(emulated && { usePathStyle: true, skipMetadataApiCheck: true, skipRequestingAccountId: true }),
    });
    // cdktf's S3Backend does not know Terraform's own lock files yet.
    this.addOverride("terraform.backend.s3.use_lockfile", true);
    this.addOverride("terraform.required_version", ">= 1.10.0");
  }
}
