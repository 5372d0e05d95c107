import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { TerraformOutput } from "cdktf";
import { Construct } from "constructs";
import type { Config } from "../config";
import { deliveryRulesOf } from "../config/schema/delivery";
import { type DeliveryKind, receiptsWithin, SPARE_RECEIPTS } from "../contracts/deliveries";
import { metricOf } from "../contracts/metrics";
import { BaseStack } from "../modules/base/base-stack";
import { type Bundles, functionFactory } from "../modules/functions/function-factory";
import type { NodeFunction } from "../modules/functions/node-function";
import { Delivery, type How } from "../modules/messaging/delivery";
import { DeliveryTable } from "../modules/storage/delivery-table";
import type { EncryptionKey } from "../modules/storage/encryption-key";
import { WebhookSecret } from "../modules/storage/webhook-secret";
import type { StorageStack } from "./storage";

export interface OperatorsStackProps {
  readonly config: Config;
  readonly storage: StorageStack;
  readonly bundles: Bundles;
}

type Configured = Extract<Config["operators"][string]["deliveries"][number], { readonly kind: DeliveryKind }>;

/** Brings events to the operators: bus → a rule and a queue for each delivery → deliver → webhook or queue. */
export class OperatorsStack extends BaseStack {
  readonly key: EncryptionKey;
  private readonly topicArn: string;

  constructor(scope: Construct, { config, storage, bundles }: OperatorsStackProps) {
    super(scope, "operators", config);
    this.key = storage.key;
    this.topicArn = this.naming.topicArn("retraining");
    const deliver = this.deliverFunction(storage, bundles);
    const maxReceives = receiptsWithin(deliveryRulesOf(config.delivery).retries) + SPARE_RECEIPTS;
    const kinds = new Set<DeliveryKind>();
    for (const [operatorId, { deliveries }] of Object.entries(config.operators)) {
      const operator = new Construct(this, `delivery-${operatorId}`);
      for (const configured of deliveries) {
        // Another function writes to chains.
        if (configured.kind === "chain") continue;
        kinds.add(configured.kind);
        const delivery = new Delivery(operator, configured.name, {
          ...{ operatorId, name: configured.name, bus: storage.bus, consumer: deliver, grantedByPattern: true },
          ...{ topicArn: this.topicArn, maxReceives, maximumConcurrency: config.delivery.maximumConcurrency },
        });
        delivery.by(this.how(delivery, configured, deliver));
      }
    }
    for (const kind of kinds) this.tellOfCircuits(kind);
    new TerraformOutput(this, "delivery-role-arn", { value: deliver.role.arn, staticId: true });
  }

  /** Makes what a delivery of its kind needs, and says how the function delivers. */
  private how(delivery: Delivery, configured: Configured, { role }: NodeFunction<"deliver">): How {
    switch (configured.kind) {
      case "webhook": {
        const secret = new WebhookSecret(delivery, "secret", {
          name: delivery.path,
          description: `Signs what is posted to ${delivery.of}`,
          destroyable: this.config.storage.destroyable,
        });
        return { kind: "webhook", url: configured.url, secret: secret.name };
      }
      case "queue": {
        role.grant("queue:send", configured.queueArn);
        if (configured.keyArn !== undefined) role.grant("key:use", configured.keyArn);
        return { kind: "queue", queue: configured.queueArn };
      }
    }
  }

  private deliverFunction(storage: StorageStack, bundles: Bundles): NodeFunction<"deliver"> {
    const { config, naming } = this;
    const nodeFunction = functionFactory(this, { settings: config.functions, bundles, bucket: storage.assets });
    const table = new DeliveryTable(this, "deliveries", {
      name: naming.of("table", "deliveries"),
      destroyable: config.storage.destroyable,
    });
    const settings = naming.path("deliveries", "");
    // By patterns, because the policies of a role have no room for hundreds of queues.
    const queues = naming.arn("sqs", naming.of("queue", "delivery-*"));
    return nodeFunction("deliver", "Delivers events to operators' webhooks and queues")
      .bind("DELIVERY_RULES", deliveryRulesOf(config.delivery))
      .bind("WEBHOOK_REACH", config.delivery.webhooksTo)
      .bind("DELIVERY_TABLE", table.name, (role) => table.grantRemember(role))
      .bind("EVENT_BUS", storage.bus.name, (role) => storage.bus.grantPut(role))
      .bind("DELIVERY_PARAMETERS", settings, (role) =>
        role
          .grant("parameter:read", naming.arn("ssm", `parameter${settings}*`))
          .grant("secret:read", naming.arn("secretsmanager", `secret:${settings}*`))
          .grant("queue:receive", queues)
          .grant("message:postpone", queues)
          .grant("queue:send", queues)
          .grant("key:use", this.key.arn),
      );
  }

  /** Makes the alarm on receivers of a kind that fail so much that they are left alone. */
  private tellOfCircuits(kind: DeliveryKind): void {
    new CloudwatchMetricAlarm(this, `circuits-${kind}`, {
      alarmName: this.naming.of("alarm", "circuits", kind),
      alarmDescription: `A receiver of a ${kind} fails and is left alone for now: npm run status says whose`,
      ...metricOf("CircuitsOpened", this.environment, kind),
      statistic: "Sum",
      comparisonOperator: "GreaterThanThreshold",
      threshold: 0,
      period: 300,
      evaluationPeriods: 1,
      treatMissingData: "notBreaching",
      alarmActions: [this.topicArn],
    });
  }
}
