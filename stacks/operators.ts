import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { TerraformOutput } from "cdktf";
import { Construct } from "constructs";
import type { Config } from "../config";
import { deliveryRulesOf } from "../config/schema/delivery";
import {
  DELIVERED_EVENTS,
  type DeliveryKind,
  type DeliverySettings,
  receiptsWithin,
  SPARE_RECEIPTS,
} from "../contracts/deliveries";
import { metricOf } from "../contracts/metrics";
import { BaseStack } from "../modules/base/base-stack";
import { ChainWriter } from "../modules/chain/chain-writer";
import { type Bundles, functionFactory } from "../modules/functions/function-factory";
import type { NodeFunction } from "../modules/functions/node-function";
import { Delivery, type Without } from "../modules/messaging/delivery";
import { DeliverySecret } from "../modules/storage/delivery-secret";
import { DeliveryTable } from "../modules/storage/delivery-table";
import type { EncryptionKey } from "../modules/storage/encryption-key";
import type { StorageStack } from "./storage";

export interface OperatorsStackProps {
  readonly config: Config;
  readonly storage: StorageStack;
  readonly bundles: Bundles;
}

type Configured = Extract<Config["operators"][string]["deliveries"][number], { readonly kind: DeliveryKind }>;

/** The metric that tells that receivers of a kind fail, and how many in so many seconds people hear of. */
const FAILING = {
  webhook: { metric: "CircuitsOpened", more: 0, seconds: 300 },
  queue: { metric: "CircuitsOpened", more: 0, seconds: 300 },
  // Nodes are busy now and then.
  chain: { metric: "ChainFailures", more: 2, seconds: 900 },
} as const satisfies Readonly<Record<DeliveryKind | "chain", object>>;

/** How the function `deliver` delivers, by the kind of the delivery. */
type How = Without<DeliverySettings, "operatorId" | "name" | "deadLetters">;

/**
 * Brings events to the operators: bus → a rule and a queue for each delivery → deliver → webhook or queue, or write-chain
 * → chain.
 */
export class OperatorsStack extends BaseStack {
  readonly key: EncryptionKey;
  private readonly topicArn: string;

  constructor(scope: Construct, { config, storage, bundles }: OperatorsStackProps) {
    super(scope, "operators", config);
    this.key = storage.key;
    this.topicArn = this.naming.topicArn("retraining");
    const nodeFunction = functionFactory(this, { settings: config.functions, bundles, bucket: storage.assets });
    const deliver = this.deliverFunction(nodeFunction, storage);
    const writer = nodeFunction("write-chain", "Writes decisions to operators' chains");
    this.bindDeliveries(writer, storage);
    const chains = new ChainWriter(this, "chains", { writer, storage: config.storage });
    const maxReceives = receiptsWithin(deliveryRulesOf(config.delivery).retries) + SPARE_RECEIPTS;
    const kinds = new Set<keyof typeof FAILING>();
    for (const [operatorId, { deliveries }] of Object.entries(config.operators)) {
      const operator = new Construct(this, `delivery-${operatorId}`);
      const triedFor = config.delivery.retryForInSeconds;
      const about = { operatorId, bus: storage.bus, topicArn: this.topicArn, maxReceives, triedFor };
      for (const configured of deliveries) {
        kinds.add(configured.kind);
        if (configured.kind === "chain") {
          chains.deliver(operator, configured, about);
          continue;
        }
        const delivery = new Delivery(operator, configured.name, {
          ...{ ...about, name: configured.name, consumer: deliver, grantedByPattern: true, events: DELIVERED_EVENTS },
          maximumConcurrency: config.delivery.maximumConcurrency,
        });
        delivery.by<DeliverySettings>(this.how(delivery, configured, deliver));
      }
    }
    for (const kind of kinds) this.tellOfFailures(kind);
    new TerraformOutput(this, "delivery-role-arn", { value: deliver.role.arn, staticId: true });
  }

  /** Makes what a delivery of its kind needs, and says how the function delivers. */
  private how(delivery: Delivery, configured: Configured, { role }: NodeFunction<"deliver">): How {
    switch (configured.kind) {
      case "webhook": {
        // `npm run rotate` makes the others; Secrets Manager itself keeps the one before as `AWSPREVIOUS`.
        const secret = new DeliverySecret(delivery, "secret", {
          name: delivery.path,
          description: `Signs what is posted to ${delivery.of}`,
          drawnAfter: "whsec_",
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

  private deliverFunction(
    nodeFunction: ReturnType<typeof functionFactory>,
    storage: StorageStack,
  ): NodeFunction<"deliver"> {
    const { config, naming } = this;
    const table = new DeliveryTable(this, "deliveries", {
      name: naming.of("table", "deliveries"),
      destroyable: config.storage.destroyable,
    });
    const deliver = nodeFunction("deliver", "Delivers events to operators' webhooks and queues")
      .bind("WEBHOOK_REACH", config.delivery.webhooksTo)
      .bind("DELIVERY_TABLE", table.name, (role) => table.grantRemember(role));
    return this.bindDeliveries(deliver, storage);
  }

  /** Lets a function handle the messages of deliveries' queues: by patterns, because a policy has no room for hundreds. */
  private bindDeliveries<F extends "deliver" | "write-chain">(
    consumer: NodeFunction<F>,
    { bus }: StorageStack,
  ): NodeFunction<F> {
    const { config, naming } = this;
    const settings = naming.path("deliveries", "");
    const queues = naming.arn("sqs", naming.of("queue", "delivery-*"));
    return consumer
      .bind("DELIVERY_RULES", deliveryRulesOf(config.delivery))
      .bind("EVENT_BUS", bus.name, (role) => bus.grantPut(role))
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
  private tellOfFailures(kind: keyof typeof FAILING): void {
    const { metric, more, seconds } = FAILING[kind];
    new CloudwatchMetricAlarm(this, `circuits-${kind}`, {
      alarmName: this.naming.of("alarm", "circuits", kind),
      alarmDescription: `A receiver of a ${kind} fails and is left alone for now: npm run status says whose`,
      ...metricOf(metric, this.environment, kind),
      statistic: "Sum",
      comparisonOperator: "GreaterThanThreshold",
      threshold: more,
      period: seconds,
      evaluationPeriods: 1,
      treatMissingData: "notBreaching",
      alarmActions: [this.topicArn],
    });
  }
}
