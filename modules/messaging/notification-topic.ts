import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { SnsTopicPolicy } from "@cdktf/provider-aws/lib/sns-topic-policy";
import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import { Lazy } from "cdktf";
import { Construct } from "constructs";
import type { Config } from "../../config";
import { BaseStack } from "../base/base-stack";
import type { ServiceRole } from "../identity/iam";
import { policyDocument } from "../identity/policies";

export interface NotificationTopicProps {
  readonly name: string;
  readonly settings: Config["notifications"];
}

/** Tells people and other systems what the main state machine does, in JSON documents with an `event`. */
export class NotificationTopic extends Construct {
  readonly arn: string;
  private readonly statements: object[] = [];

  constructor(scope: Construct, id: string, { name, settings }: NotificationTopicProps) {
    super(scope, id);
    const topic = new SnsTopic(this, "topic", { name, kmsMasterKeyId: BaseStack.of(this).key.arn });
    for (const email of settings.emails) {
      new SnsTopicSubscription(this, `email-${email}`, {
        topicArn: topic.arn,
        protocol: "email",
        endpoint: email,
        filterPolicyScope: "MessageBody",
        // Our documents by their event; alarms, which CloudWatch words, all.
        filterPolicy: JSON.stringify({ $or: [{ event: settings.events }, { AlarmName: [{ exists: true }] }] }),
      });
    }
    this.arn = topic.arn;
    new SnsTopicPolicy(this, "policy", {
      arn: topic.arn,
      policy: Lazy.stringValue({ produce: () => policyDocument(this.statements) }),
    });
  }

  /** Lets a service publish for its resources of this ARN or pattern; the key's policy must allow the service too. */
  allow(service: "cloudwatch.amazonaws.com" | "events.amazonaws.com", resourceArn: string): void {
    this.statements.push({
      Effect: "Allow",
      Principal: { Service: service },
      Action: "sns:Publish",
      Resource: this.arn,
      Condition: { ArnLike: { "aws:SourceArn": resourceArn } },
    });
  }

  grantPublish(role: ServiceRole): void {
    role.grant("topic:publish", this.arn).grant("key:use", BaseStack.of(this).key.arn);
  }
}
