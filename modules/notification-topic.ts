import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import { Construct } from "constructs";
import type { Config } from "../config";
import type { EncryptionKey } from "./encryption-key";
import type { ServiceRole } from "./iam";

export interface NotificationTopicProps {
  readonly name: string;
  readonly key: EncryptionKey;
  readonly settings: Config["notifications"];
}

/** Where people and other systems hear of what the main state machine does: JSON documents with an `event`. */
export class NotificationTopic extends Construct {
  readonly arn: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: NotificationTopicProps,
  ) {
    super(scope, id);
    const { name, key, settings } = props;
    const topic = new SnsTopic(this, "topic", { name, kmsMasterKeyId: key.arn });
    for (const email of settings.emails) {
      new SnsTopicSubscription(this, `email-${email}`, {
        topicArn: topic.arn,
        protocol: "email",
        endpoint: email,
        filterPolicyScope: "MessageBody",
        filterPolicy: JSON.stringify({ event: settings.events }),
      });
    }
    this.arn = topic.arn;
  }

  grantPublish(role: ServiceRole): void {
    role.grant("topic:publish", this.arn).grant("key:use", this.props.key.arn);
  }
}
