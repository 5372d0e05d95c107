import { CloudwatchEventArchive } from "@cdktf/provider-aws/lib/cloudwatch-event-archive";
import { CloudwatchEventBus } from "@cdktf/provider-aws/lib/cloudwatch-event-bus";
import { Construct } from "constructs";
import { BaseStack } from "../base/base-stack";
import type { ServiceRole } from "../identity/iam";

export interface EventBusProps {
  readonly name: string;
  /** Days for which events can be replayed. */
  readonly archiveDays: number;
}

/**
 * Makes the bus that carries what follows a prediction, encrypted with our key, and the archive from which its events
 * can be replayed. It has no dead-letter queue: that takes what the key cannot encrypt, and would be under the same key.
 */
export class EventBus extends Construct {
  readonly name: string;
  readonly arn: string;
  /** The name, however the bus's attribute is referred to. */
  private readonly plainName: string;

  constructor(scope: Construct, id: string, { name, archiveDays }: EventBusProps) {
    super(scope, id);
    const { naming, key } = BaseStack.of(this);
    const bus = new CloudwatchEventBus(this, "bus", { name, kmsKeyIdentifier: key.arn });
    new CloudwatchEventArchive(this, "archive", {
      name: naming.of("archive", "events"),
      description: `Events of ${name}, to be replayed`,
      eventSourceArn: bus.arn,
      retentionDays: archiveDays,
    });
    this.plainName = name;
    this.name = bus.name;
    this.arn = bus.arn;
  }

  /** Makes the ARN of a rule on the bus, also of one that does not exist yet. */
  ruleArn(rule: string): string {
    return BaseStack.of(this).naming.arn("events", `rule/${this.plainName}/${rule}`);
  }

  grantPut(role: ServiceRole): void {
    role.grant("bus:put", this.arn);
  }
}
