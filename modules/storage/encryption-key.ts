import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { Construct } from "constructs";
import { BaseStack } from "../base/base-stack";
import type { ServiceRole } from "../identity/iam";
import { keyPolicy } from "../identity/policies";

export interface EncryptionKeyProps {
  readonly alias: string;
  readonly description: string;
  readonly deletionWindowInDays: number;
}

/**
 * Makes a customer managed key that rotates every year. IAM governs it, and services that act without a role may use
 * it: CloudWatch Logs of this account, events and alarms.
 */
export class EncryptionKey extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, props: EncryptionKeyProps) {
    super(scope, id);
    const key = new KmsKey(this, "key", {
      description: props.description,
      enableKeyRotation: true,
      deletionWindowInDays: props.deletionWindowInDays,
      policy: keyPolicy(BaseStack.of(this), {
        // Unconditional, because EventBridge's calls for encrypted topics carry no aws:SourceArn or aws:SourceAccount
        // (https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html); topic and queue bind the resource. Of a
        // bus, EventBridge describes the key too (eb-encryption-key-policy).
        Sid: "EventsAndAlarmsToTopicsAndQueues",
        Effect: "Allow",
        Principal: { Service: ["events.amazonaws.com", "cloudwatch.amazonaws.com"] },
        Action: ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*"],
        Resource: "*",
      }),
    });
    new KmsAlias(this, "alias", { name: `alias/${props.alias}`, targetKeyId: key.keyId });
    this.arn = key.arn;
  }

  /**
   * Lets SageMaker, in the role's name or for the role, encrypt volumes with the key (SageMaker guide,
   * sagemaker-roles).
   */
  grantVolumes(role: ServiceRole): void {
    role.grant("key:delegate", this.arn).grant("key:describe", this.arn);
  }
}
