import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { Lazy } from "cdktf";
import { Construct } from "constructs";
import { BaseStack } from "../base/base-stack";
import { accountTrustPolicy, policyDocument, trustPolicy } from "./policies";

/**
 * The one table of what may be granted: a grant's name → its actions. Resources are always named by the caller; no
 * grant has a default of "*".
 */
const GRANTS = {
  "bucket:list": ["s3:ListBucket"],
  "object:read": ["s3:GetObject"],
  "object:write": ["s3:PutObject"],
  "object:remove": ["s3:DeleteObject"],
  /** Lets Firehose write objects to a bucket. */
  "bucket:deliver": ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
  "object:deliver": ["s3:AbortMultipartUpload", "s3:PutObject"],
  "stream:put": ["firehose:PutRecordBatch"],
  /** Lets a rule put events into a stream. */
  "stream:fill": ["firehose:PutRecord", "firehose:PutRecordBatch"],
  "key:use": ["kms:Decrypt", "kms:GenerateDataKey"],
  "key:decrypt": ["kms:Decrypt"],
  /** Lets a role name a key for the output of a job. */
  "key:encrypt": ["kms:Encrypt"],
  /** Lets SageMaker encrypt the volumes of jobs and endpoints. */
  "key:delegate": ["kms:CreateGrant"],
  "key:describe": ["kms:DescribeKey"],
  /** Lets a role sign with a key pair of KMS, and know its public half. */
  "key:sign": ["kms:GetPublicKey", "kms:Sign"],
  "function:invoke": ["lambda:InvokeFunction"],
  "endpoint:invoke": ["sagemaker:InvokeEndpoint"],
  "endpoint:update": ["sagemaker:UpdateEndpoint", "sagemaker:DescribeEndpoint"],
  "endpoint-config:create": ["sagemaker:CreateEndpointConfig", "sagemaker:AddTags"],
  "model:create": ["sagemaker:CreateModel", "sagemaker:AddTags"],
  "training:run": [
    "sagemaker:CreateTrainingJob",
    "sagemaker:DescribeTrainingJob",
    "sagemaker:StopTrainingJob",
    "sagemaker:AddTags",
  ],
  "processing:run": [
    "sagemaker:CreateProcessingJob",
    "sagemaker:DescribeProcessingJob",
    "sagemaker:StopProcessingJob",
    "sagemaker:AddTags",
  ],
  "transform:run": [
    "sagemaker:CreateTransformJob",
    "sagemaker:DescribeTransformJob",
    "sagemaker:StopTransformJob",
    "sagemaker:AddTags",
  ],
  "tuning:run": [
    "sagemaker:CreateHyperParameterTuningJob",
    "sagemaker:DescribeHyperParameterTuningJob",
    "sagemaker:StopHyperParameterTuningJob",
    "sagemaker:ListTrainingJobsForHyperParameterTuningJob",
    "sagemaker:AddTags",
  ],
  "labeling-job:run": [
    "sagemaker:CreateLabelingJob",
    "sagemaker:DescribeLabelingJob",
    "sagemaker:StopLabelingJob",
    "sagemaker:AddTags",
  ],
  "workteam:describe": ["sagemaker:DescribeWorkteam"],
  "model:describe": ["sagemaker:DescribeModel"],
  "model:retire": ["sagemaker:DeleteModel"],
  "endpoint-config:describe": ["sagemaker:DescribeEndpointConfig"],
  "endpoint-config:retire": ["sagemaker:DeleteEndpointConfig"],
  "model-package:retire": ["sagemaker:DescribeModelPackage", "sagemaker:DeleteModelPackage"],
  "model-package:register": [
    "sagemaker:CreateModelPackage",
    "sagemaker:DescribeModelPackage",
    "sagemaker:UpdateModelPackage",
  ],
  "model-package:describe": ["sagemaker:DescribeModelPackage"],
  "alarm:describe": ["cloudwatch:DescribeAlarms"],
  /** Registers a variant for auto scaling; the rest Application Auto Scaling does by its own role. */
  "scaling:register": [
    "application-autoscaling:DeregisterScalableTarget",
    "application-autoscaling:PutScalingPolicy",
    "application-autoscaling:RegisterScalableTarget",
    "application-autoscaling:TagResource",
  ],
  "endpoint:scale": [
    "sagemaker:DescribeEndpoint",
    "sagemaker:DescribeEndpointConfig",
    "sagemaker:UpdateEndpointWeightsAndCapacities",
  ],
  "scaling-alarm:put": ["cloudwatch:PutMetricAlarm", "cloudwatch:DescribeAlarms", "cloudwatch:DeleteAlarms"],
  "parameter:read": ["ssm:GetParameter"],
  "parameter:write": ["ssm:PutParameter"],
  "secret:read": ["secretsmanager:GetSecretValue"],
  /** Lets Step Functions follow a `.sync` job. */
  "job-events:follow": ["events:PutTargets", "events:PutRule", "events:DescribeRule"],
  /** Starts executions: schedules and rules do, and a state machine of its own Distributed Map. */
  "execution:start": ["states:StartExecution"],
  /** Lets a state machine follow and stop the executions of its Distributed Map. */
  "execution:follow": ["states:DescribeExecution", "states:StopExecution"],
  /** Ends a task's wait for its token. */
  "execution:resume": ["states:SendTaskSuccess"],
  "topic:publish": ["sns:Publish"],
  "queue:send": ["sqs:SendMessage"],
  /** Lets Lambda poll a queue in the function's name. */
  "queue:receive": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
  /** Lets Lambda read a table's stream in the function's name. */
  "stream:read": ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
  "bus:put": ["events:PutEvents"],
  /** Lets a function say when a message that it was given comes again. */
  "message:postpone": ["sqs:ChangeMessageVisibility"],
  "item:hold": ["dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:DeleteItem"],
  "item:note": ["dynamodb:UpdateItem", "dynamodb:GetItem"],
  "task:ask": ["dynamodb:UpdateItem", "dynamodb:GetItem", "dynamodb:BatchGetItem"],
  "task:answer": ["dynamodb:UpdateItem", "dynamodb:GetItem"],
  "transaction:keep": ["dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"],
  "assessment:remember": ["dynamodb:BatchGetItem", "dynamodb:BatchWriteItem"],
  // TransactWriteItems is granted as the writes that it is made of.
  "player:change": ["dynamodb:GetItem", "dynamodb:PutItem"],
  "marketing:read": ["dynamodb:BatchGetItem"],
  "index:query": ["dynamodb:Query"],
  "player:list": ["dynamodb:BatchGetItem"],
  "change:mark": ["dynamodb:BatchGetItem", "dynamodb:UpdateItem"],
  "audit:head": ["dynamodb:GetItem"],
  "audit:append": ["dynamodb:GetItem", "dynamodb:PutItem"],
  "image:pull": ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
  "log:write": ["logs:CreateLogStream", "logs:PutLogEvents"],
  "job-log:write": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
} as const satisfies Record<string, readonly string[]>;

/** Conditions under which a grant holds, and not otherwise. */
const CONDITIONS: Partial<Record<keyof typeof GRANTS, object>> = {
  "key:delegate": { Bool: { "kms:GrantIsForAWSResource": "true" } },
  // Of a player, no more than withholds marketing ("Grant permissions that limit access to specific attributes in a
  // table", developer guide of DynamoDB; the keys of the table count as attributes).
  "marketing:read": {
    "ForAllValues:StringEquals": { "dynamodb:Attributes": ["player", "item", "stop", "consent"] },
    StringEqualsIfExists: { "dynamodb:Select": "SPECIFIC_ATTRIBUTES" },
  },
};

/** Actions that AWS grants on no resource but "*", each with the condition that bounds it. */
const UNBOUND_GRANTS = {
  "registry:login": { actions: ["ecr:GetAuthorizationToken"] },
  "model-package:list": { actions: ["sagemaker:ListModelPackages"] },
  "endpoint-config:list": { actions: ["sagemaker:ListEndpointConfigs"] },
  "stream:list": { actions: ["dynamodb:ListStreams"] },
  "trace:write": {
    actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"],
  },
  "metric:write-sagemaker": {
    actions: ["cloudwatch:PutMetricData"],
    condition: { StringLike: { "cloudwatch:namespace": ["/aws/sagemaker/*", "aws/sagemaker/*"] } },
  },
  "log-delivery:configure": {
    actions: [
      "logs:CreateLogDelivery",
      "logs:GetLogDelivery",
      "logs:UpdateLogDelivery",
      "logs:DeleteLogDelivery",
      "logs:ListLogDeliveries",
      "logs:PutResourcePolicy",
      "logs:DescribeResourcePolicies",
      "logs:DescribeLogGroups",
    ],
  },
  "network-interface:manage": {
    actions: [
      "ec2:CreateNetworkInterface",
      "ec2:CreateNetworkInterfacePermission",
      "ec2:DeleteNetworkInterface",
      "ec2:DeleteNetworkInterfacePermission",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeVpcs",
      "ec2:DescribeDhcpOptions",
      "ec2:DescribeSubnets",
      "ec2:DescribeSecurityGroups",
    ],
  },
} as const satisfies Record<string, { actions: readonly string[]; condition?: object }>;

type BoundGrant = keyof typeof GRANTS;
type UnboundGrant = keyof typeof UNBOUND_GRANTS;

/** Services that send `aws:SourceAccount` when they assume a role, so that the trust policy can ask for it. */
const SENDS_SOURCE_ACCOUNT = new Set([
  "events.amazonaws.com",
  "sagemaker.amazonaws.com",
  "scheduler.amazonaws.com",
  "states.amazonaws.com",
]);

export interface ServiceRoleProps {
  readonly name: string;
  readonly description: string;
  /** Service principal that assumes the role, such as `lambda.amazonaws.com`. */
  readonly service: string;
}

/** Makes a role with exactly the permissions that it is granted: the one place that writes IAM policies. */
abstract class GrantedRole extends Construct {
  readonly arn: string;
  readonly name: string;
  /** Depend on this where a service checks the role's permissions at creation. */
  readonly policy: IamRolePolicy;
  private readonly statements: Statement[] = [];

  constructor(scope: Construct, id: string, make: (scope: Construct) => IamRole) {
    super(scope, id);
    const role = make(this);
    this.arn = role.arn;
    this.name = role.name;
    this.policy = new IamRolePolicy(this, "policy", {
      name: "permissions",
      role: role.name,
      // Lazy, because grants are made after construction.
      policy: Lazy.stringValue({ produce: () => policyDocument(merged(this.statements)) }),
    });
  }

  /** Allows the grant's actions on these resources (ARNs, or patterns of them). */
  grant(grant: BoundGrant, ...resources: readonly [string, ...string[]]): this {
    return this.grantIf(CONDITIONS[grant], grant, ...resources);
  }

  /** Allows the grant's actions on these resources under a condition. */
  protected grantIf(
    Condition: object | undefined,
    grant: BoundGrant,
    ...resources: readonly [string, ...string[]]
  ): this {
    this.statements.push({ Action: GRANTS[grant], Resource: resources, ...(Condition && { Condition }) });
    return this;
  }

  grantUnbound(grant: UnboundGrant): this {
    const { actions, condition } = { condition: undefined, ...UNBOUND_GRANTS[grant] };
    this.statements.push({ Action: actions, Resource: ["*"], ...(condition && { Condition: condition }) });
    return this;
  }

  /** Allows passing roles, bound to the service that receives them. */
  grantPassRole(service: string, ...roles: readonly [string, ...string[]]): this {
    this.statements.push({
      Action: ["iam:PassRole"],
      Resource: roles,
      Condition: { StringEquals: { "iam:PassedToService": service } },
    });
    return this;
  }
}

/** Makes a role for one service. */
export class ServiceRole extends GrantedRole {
  constructor(scope: Construct, id: string, props: ServiceRoleProps) {
    super(scope, id, (own) => serviceRole(own, props));
  }
}

export interface AccountRoleProps extends Pick<ServiceRoleProps, "name" | "description"> {
  /** The account whose principals may assume the role, where their account lets them. */
  readonly accountId: string;
}

/** Makes a role for another account. */
export class AccountRole extends GrantedRole {
  constructor(scope: Construct, id: string, { name, description, accountId }: AccountRoleProps) {
    super(
      scope,
      id,
      (own) => new IamRole(own, "role", { name, description, assumeRolePolicy: accountTrustPolicy(accountId) }),
    );
  }

  /** Lets the role list and read what is under a prefix of a bucket, and decrypt it by way of S3 alone. */
  grantPrefix(bucketArn: string, prefix: string, keyArn: string): this {
    const { region } = BaseStack.of(this);
    const decrypts = {
      // With a bucket key, the context is the bucket.
      StringEquals: { "kms:ViaService": `s3.${region}.amazonaws.com`, "kms:EncryptionContext:aws:s3:arn": bucketArn },
    };
    return this.grantIf({ StringLike: { "s3:prefix": `${prefix}*` } }, "bucket:list", bucketArn)
      .grant("object:read", `${bucketArn}/${prefix}*`)
      .grantIf(decrypts, "key:decrypt", keyArn);
  }
}

interface Statement {
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: object;
}

/**
 * The same permissions in few statements, because IAM bounds a role's policies at 10,240 characters: those of the same
 * actions under the same condition become one, and then those on the same resources.
 */
function merged(statements: readonly Statement[]): object[] {
  const union = (
    all: readonly Statement[],
    same: (statement: Statement) => unknown,
    join: (one: Statement, other: Statement) => Statement,
  ) => {
    const groups = new Map<string, Statement>();
    for (const statement of all) {
      const key = JSON.stringify(same(statement));
      const group = groups.get(key);
      groups.set(key, group ? join(group, statement) : statement);
    }
    return [...groups.values()];
  };
  const both = (one: readonly string[], other: readonly string[]) => [...new Set([...one, ...other])];
  const byAction = union(
    statements,
    ({ Action, Condition }) => [[...Action].sort(), Condition],
    (one, other) => ({ ...one, Resource: both(one.Resource, other.Resource) }),
  );
  return union(
    byAction,
    ({ Resource, Condition }) => [[...Resource].sort(), Condition],
    (one, other) => ({ ...one, Action: both(one.Action, other.Action) }),
  ).map((statement) => ({ Effect: "Allow", ...statement }));
}

const serviceRole = (scope: Construct, props: ServiceRoleProps): IamRole =>
  new IamRole(scope, "role", {
    name: props.name,
    description: props.description,
    assumeRolePolicy: trustPolicy(
      props.service,
      // Only the account's own resources may make the service use the role (confused deputy).
      SENDS_SOURCE_ACCOUNT.has(props.service)
        ? { StringEquals: { "aws:SourceAccount": BaseStack.of(scope).accountId } }
        : undefined,
    ),
  });
