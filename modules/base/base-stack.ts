import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import {
  Aspects,
  DefaultTokenResolver,
  S3Backend,
  StringConcat,
  TerraformElement,
  TerraformStack,
  Tokenization,
} from "cdktf";
import type { Construct, IConstruct } from "constructs";
import type { Config } from "../../config";
import type { EncryptionKey } from "../storage/encryption-key";
import { type Namespace, Naming, stateBucket, stateKeyAlias } from "./naming";
import { tagsOf } from "./tags";

/** Whether Terraform will talk to an emulator: it and its S3 backend honour this variable. */
const emulated = process.env.AWS_ENDPOINT_URL !== undefined;

/** Everything that a construct needs to know of the environment that it belongs to; `BaseStack.of` finds it. */
interface StackContext extends Namespace {
  /** Makes every physical name. */
  readonly naming: Naming;
  /** Key that encrypts all that the environment keeps. */
  readonly key: EncryptionKey;
  readonly logs: Config["logs"];
  /** Whether functions, state machines and the API send traces to X-Ray. */
  readonly tracing: boolean;
}

/** Gives a stack the provider with its default tags, remote state with a lock file, and what its constructs need. */
export abstract class BaseStack extends TerraformStack implements StackContext {
  readonly naming: Naming;
  readonly project: string;
  readonly environment: string;
  readonly accountId: string;
  readonly region: string;
  readonly logs: Config["logs"];
  readonly tracing: boolean;
  abstract readonly key: EncryptionKey;

  constructor(
    scope: Construct,
    name: string,
    protected readonly config: Config,
  ) {
    // The environment is part of the id, because CDKTF keeps one working folder, with its backend, per id.
    super(scope, `${config.environment}-${name}`);
    this.naming = new Naming(config);
    this.project = config.project;
    this.environment = config.environment;
    this.accountId = config.accountId;
    this.region = config.region;
    this.logs = config.logs;
    this.tracing = config.observability.tracing;
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
    this.addOverride("terraform.required_version", ">= 1.11.0");
  }

  /**
   * Resolves every element and keeps what it became. CDKTF resolves all elements to find their references to other
   * stacks, and again to write them, though only an aspect could have changed them in between.
   */
  override prepareStack(): void {
    const constructs = this.node.findAll();
    if (constructs.some((each) => Aspects.of(each).all.length > 0)) {
      super.prepareStack();
      return;
    }
    this.ensureBackendExists();
    const resolver = new DefaultTokenResolver(new StringConcat());
    for (const element of constructs.filter(TerraformElement.isTerraformElement)) {
      const resolved = Tokenization.resolve(element.toTerraform(), { scope: this, preparing: true, resolver });
      element.toTerraform = () => resolved;
    }
  }

  /** Finds the stack that a construct belongs to. Throws for one of another kind, which has no context to give. */
  static override of(construct: IConstruct): BaseStack {
    const stack = TerraformStack.of(construct);
    if (stack instanceof BaseStack) return stack;
    throw new Error(`${construct.node.path} is in no BaseStack; make its stack extend modules/base/base-stack.ts`);
  }
}
