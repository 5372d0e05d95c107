import { createHash } from "node:crypto";

/** Characters of the longest name that each service takes. */
const LIMITS = {
  bucket: 63,
  function: 64,
  role: 64,
  sagemaker: 63,
  /** Leaves room for `-<runId>-<attempt>` (25 characters) under SageMaker's 63. */
  sagemakerPrefix: 38,
  /** Leaves room for `<attempt>-<runId>` (24 characters) under the 32 of a tuning job. */
  tuningPrefix: 8,
  repository: 256,
  stateMachine: 80,
  schedule: 64,
  alarm: 255,
  table: 255,
  topic: 256,
  queue: 80,
  alias: 250,
  api: 128,
  stream: 64,
  rule: 64,
  bus: 256,
  database: 255,
  archive: 48,
  registry: 64,
  userPool: 128,
} as const;

/** Buckets share their names with the whole world, roles with the account's other regions. */
const ACROSS_REGIONS: ReadonlySet<keyof typeof LIMITS> = new Set(["bucket", "role"]);

export interface Namespace {
  readonly project: string;
  readonly environment: string;
  readonly accountId: string;
  readonly region: string;
}

/**
 * The one place where physical names are made: `<project>-<environment>-<part>-…`. A name over its service's limit is
 * cut and ends in a hash of the whole, so that two long names never meet. Names that regions share always end in a hash
 * of account and region too.
 */
export class Naming {
  constructor(private readonly namespace: Namespace) {}

  of(kind: keyof typeof LIMITS, ...parts: readonly string[]): string {
    const { project, environment, accountId, region } = this.namespace;
    const full = [project, environment, ...parts].join("-");
    const shared = ACROSS_REGIONS.has(kind);
    const unique = shared ? [accountId, region, full].join("/") : full;
    const tail = createHash("sha256").update(unique).digest("hex").slice(0, 6);
    const limit = LIMITS[kind];
    if (!shared && full.length <= limit) return full;
    return `${full.slice(0, limit - tail.length - 1).replace(/-+$/, "")}-${tail}`;
  }

  /** Makes the name of a database in Glue's catalogue, which Athena wants without hyphens. */
  database(name: string): string {
    return this.of("database", name).replaceAll("-", "_");
  }

  /** Makes the ARN of a resource of this account and region, also of one that does not exist yet. */
  arn(service: string, resource: string): string {
    const { accountId, region } = this.namespace;
    return `arn:aws:${service}:${region}:${accountId}:${resource}`;
  }

  /**
   * Makes the pattern of the ARNs of SageMaker resources of a kind, such as `training-job`, that runs make. One per model
   * would outgrow what a role's policy may hold.
   */
  sagemakerArns(kind: string): string {
    return this.arn("sagemaker", `${kind}/${this.of("sagemaker", "*")}`);
  }

  /** Makes the ARN of a state machine: functions that it calls resume it, and other stacks start it. */
  stateMachineArn(name: string): string {
    return this.arn("states", `stateMachine:${this.of("stateMachine", name)}`);
  }

  /** Makes the ARN of a topic: alarms of stacks that are deployed before it tell it too, as nobody but CloudWatch asks. */
  topicArn(name: string): string {
    return this.arn("sns", this.of("topic", name));
  }

  /** Makes the address of a queue of this account and region, also of one that does not exist yet. */
  queueUrl(name: string): string {
    const { accountId, region } = this.namespace;
    return `https://sqs.${region}.amazonaws.com/${accountId}/${name}`;
  }

  /** Makes a hierarchical name, `/<project>/<environment>/<part>/…`, for SSM parameters and log groups. */
  path(...parts: readonly string[]): string {
    const { project, environment } = this.namespace;
    return `/${[project, environment, ...parts].join("/")}`;
  }
}

/**
 * Gives the parts of the names of a model's endpoint and of all that it serves. SageMaker refuses to turn a real-time
 * endpoint into a serverless one and back ("Deploy models with serverless inference", developer guide), and its models
 * carry settings that only one of them takes: each way of serving has an endpoint of its own, which begins with the
 * initial model.
 */
export const endpointParts = (model: string, mode: "realtime" | "serverless"): readonly string[] =>
  mode === "serverless" ? [model, mode] : [model];

/** Begins the names of deliveries by the function that they are for, which may use those of that prefix alone. */
export const DELIVERY_PREFIX = { webhook: "delivery", queue: "delivery", chain: "chain" } as const;

/** The most characters of an operator's id in them, so that no service's limit cuts off how a queue's name ends. */
const MOST_OF_OPERATOR = 18;

/**
 * Names what belongs to an operator's delivery: its queue, rule and alarm. Names of deliveries have no `_`, so that no two
 * deliveries share one; operators' ids may have characters that queues may not.
 */
export function deliveryName({
  operatorId,
  name,
  kind,
}: {
  readonly operatorId: string;
  readonly name: string;
  readonly kind: keyof typeof DELIVERY_PREFIX;
}): string {
  const plain = plainId(operatorId);
  const tail = createHash("sha256").update(operatorId).digest("hex").slice(0, 6);
  const short = plain.length > MOST_OF_OPERATOR ? `${plain.slice(0, MOST_OF_OPERATOR - 7)}-${tail}` : plain;
  return `${DELIVERY_PREFIX[kind]}-${short}_${name}`;
}

/** Names what belongs to an operator's archive: its rule, stream and role. `*` is the pattern of all. */
export const archiveName = (operatorId: string): string =>
  `archive_${operatorId === "*" ? operatorId : plainId(operatorId)}`;

/** Writes an operator's id in characters that all names may have; no two ids become one. */
function plainId(operatorId: string): string {
  const plain = operatorId.replace(/[^A-Za-z0-9_-]/g, "-");
  const tail = createHash("sha256").update(operatorId).digest("hex").slice(0, 6);
  return plain === operatorId ? plain : `${plain}-${tail}`;
}

/** Names a queue's dead-letter queue. */
export const deadLettersOf = (queue: string): string => `${queue}-dead`;

/** Names the bucket of Terraform's state; `npm run bootstrap` creates it before any stack exists. */
export const stateBucket = (namespace: Namespace): string => new Naming(namespace).of("bucket", "terraform-state");

/** Names the alias of the key that encrypts Terraform's state. */
export const stateKeyAlias = (namespace: Namespace): string =>
  `alias/${new Naming(namespace).of("alias", "terraform-state")}`;

/** Names of what an account has once a region, whatever its environments. */
export const accountWide = ({ project }: Namespace) => ({
  logsKeyAlias: `alias/${project}-account-logs`,
  apiGatewayRole: `${project}-account-api-gateway-logs`,
});
