import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { TerraformOutput } from "cdktf";
import { Construct } from "constructs";
import type { Config } from "../config";
import { deliveryRulesOf } from "../config/schema/delivery";
import { mostReceipts } from "../config/schema/queues";
import { archiveFolder } from "../contracts/archive";
import { DELIVERED_EVENTS, type DeliveryKind, type DeliverySettings } from "../contracts/deliveries";
import { metricOf } from "../contracts/metrics";
import { BaseStack } from "../modules/base/base-stack";
import { archiveName, DELIVERY_PREFIX, deadLettersOf } from "../modules/base/naming";
import { ChainWriter } from "../modules/chain/chain-writer";
import { type Bundles, functionFactory } from "../modules/functions/function-factory";
import type { NodeFunction } from "../modules/functions/node-function";
import { AccountRole, ServiceRole } from "../modules/identity/iam";
import { DeadLetterQueue } from "../modules/messaging/dead-letter-queue";
import { Delivery, type Without } from "../modules/messaging/delivery";
import { OperatorArchive } from "../modules/messaging/operator-archive";
import { ArchiveTable } from "../modules/storage/archive-table";
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
 * → chain; and to their archives: bus → a rule and a stream for each operator → its folder of the archive.
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
    this.bindDeliveries(writer, "chain", storage);
    const chains = new ChainWriter(this, "chains", { writer, storage: config.storage });
    const maxReceives = mostReceipts(config.delivery);
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
          ...{ ...about, name: configured.name, kind: configured.kind, consumer: deliver, grantedByPattern: true },
          events: DELIVERED_EVENTS,
          maximumConcurrency: config.delivery.maximumConcurrency,
        });
        delivery.by<DeliverySettings>(this.how(delivery, configured, deliver));
      }
    }
    for (const kind of kinds) this.tellOfFailures(kind);
    this.keepArchives(storage);
    new TerraformOutput(this, "delivery-role-arn", { value: deliver.role.arn, staticId: true });
  }

  /** Makes each operator's part of the archive, the roles that read them, and the table for queries. */
  private keepArchives({ archive: bucket, bus }: StorageStack): void {
    const { config, naming, topicArn } = this;
    const archives = new Construct(this, "archives");
    new ArchiveTable(archives, "catalogue", bucket);
    new TerraformOutput(this, "archive-bucket", { value: bucket.name, staticId: true });
    const deadLetters = new DeadLetterQueue(archives, "dead", {
      name: deadLettersOf("archive"),
      says: "Events could not be handed to the archive of their operator",
      topicArn,
      rules: bus.ruleArn(naming.of("rule", archiveName("*"))),
    });
    const sender = new ServiceRole(archives, "sender", {
      name: naming.of("role", "archive-sender"),
      description: "Events of the bus into the streams of archives",
      service: "events.amazonaws.com",
    }).grant("stream:fill", naming.arn("firehose", `deliverystream/${naming.of("stream", archiveName("*"))}`));
    for (const [operatorId, { archive }] of Object.entries(config.operators)) {
      if (archive.enabled) {
        const buffer = config.archives;
        const props = { operatorId, bus, bucket, buffer, sender, deadLetters, topicArn };
        new OperatorArchive(archives, `of-${operatorId}`, props);
      }
      if (archive.account !== undefined) {
        const reader = new AccountRole(archives, `reader-${operatorId}`, {
          name: naming.of("role", "read", archiveName(operatorId)),
          description: `Lets ${operatorId} read its archive`,
          accountId: archive.account,
        });
        bucket.grantReadUnder(reader, archiveFolder(operatorId));
        new TerraformOutput(this, `archive-reader-${operatorId}-arn`, { value: reader.arn, staticId: true });
      }
    }
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
    return this.bindDeliveries(deliver, "webhook", storage);
  }

  /**
   * Lets a function handle the messages of the deliveries that are for it, and read their settings and secrets: by
   * patterns, because a policy has no room for hundreds. It sends to their dead-letter queues alone.
   */
  private bindDeliveries<F extends "deliver" | "write-chain">(
    consumer: NodeFunction<F>,
    kind: keyof typeof DELIVERY_PREFIX,
    { bus }: StorageStack,
  ): NodeFunction<F> {
    const { config, naming } = this;
    const queues = naming.of("queue", `${DELIVERY_PREFIX[kind]}-*`);
    const settings = naming.path("deliveries", "");
    const received = naming.arn("sqs", queues);
    return consumer
      .bind("DELIVERY_RULES", deliveryRulesOf(config.delivery))
      .bind("EVENT_BUS", bus.name, (role) => bus.grantPut(role))
      .bind("DELIVERY_PARAMETERS", settings, (role) =>
        role
          .grant("parameter:read", naming.arn("ssm", `parameter${settings}${queues}`))
          .grant("secret:read", naming.arn("secretsmanager", `secret:${settings}${queues}`))
          .grant("queue:receive", received)
          .grant("message:postpone", received)
          .grant("queue:send", deadLettersOf(received))
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
