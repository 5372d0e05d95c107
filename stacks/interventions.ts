import { SchemasRegistry } from "@cdktf/provider-aws/lib/schemas-registry";
import { SchemasSchema } from "@cdktf/provider-aws/lib/schemas-schema";
import type { Construct } from "constructs";
import type { Config } from "../config";
import { chosenRules } from "../config/schema/operators";
import { EVENT_DOCUMENTS } from "../contracts/event-documents";
import { BaseStack } from "../modules/base/base-stack";
import { type Bundles, functionFactory } from "../modules/functions/function-factory";
import { EventQueue } from "../modules/messaging/event-queue";
import { StreamSource } from "../modules/messaging/stream-source";
import type { EncryptionKey } from "../modules/storage/encryption-key";
import type { StorageStack } from "./storage";

export interface InterventionsStackProps {
  readonly config: Config;
  readonly storage: StorageStack;
  readonly bundles: Bundles;
}

/**
 * Turns what follows a prediction into interventions: functions before queues of the bus, and the schemas of its events.
 */
export class InterventionsStack extends BaseStack {
  readonly key: EncryptionKey;
  /** Takes events for the bus when the bus does not. */
  readonly unpublished: EventQueue;

  constructor(scope: Construct, { config, storage, bundles }: InterventionsStackProps) {
    super(scope, "interventions", config);
    this.key = storage.key;
    const nodeFunction = functionFactory(this, { settings: config.functions, bundles, bucket: storage.assets });
    const { maxReceives, maximumConcurrency } = config.events;
    const topicArn = this.naming.topicArn("retraining");

    const republish = nodeFunction("republish", "Puts events on the bus that it did not take before").bind(
      "EVENT_BUS",
      storage.bus.name,
      (role) => storage.bus.grantPut(role),
    );
    this.unpublished = new EventQueue(this, "unpublished", {
      name: "unpublished",
      consumer: republish,
      says: "The bus does not take events of predictions",
      ...{ topicArn, maxReceives, maximumConcurrency },
    });

    const intervene = nodeFunction("intervene", "Turns assessments of players into interventions")
      .bind("PLAYER_TABLE", storage.players.name, (role) => storage.players.grantChange(role))
      .bind("OPERATOR_RULES", chosenRules(config.operators));
    new EventQueue(this, "assessments", {
      name: "assessments",
      consumer: intervene,
      says: "Assessments of players lead to no interventions",
      from: { bus: storage.bus, events: ["PlayerAssessed"] },
      ...{ topicArn, maxReceives, maximumConcurrency },
    });

    const publishDecisions = nodeFunction("publish-decisions", "Puts interventions on record and on the bus")
      .bind("PLAYER_TABLE", storage.players.name, (role) => storage.players.grantMark(role))
      .bind("AUDIT_TABLE", storage.audit.name, (role) => storage.audit.grantAppend(role))
      .bind("EVENT_BUS", storage.bus.name, (role) => storage.bus.grantPut(role));
    new StreamSource(this, "decisions", {
      name: "decisions",
      streamArn: storage.players.streamArn,
      consumer: publishDecisions,
      pattern: { eventName: ["INSERT"], dynamodb: { Keys: { item: { S: [{ prefix: "change#" }] } } } },
      says: "Interventions are not put on record, and no operator is told of them",
      topicArn,
      // The most that there are: of what is given up, no operator is told.
      maximumRetries: 10_000,
    });

    this.publishSchemas();
  }

  private publishSchemas(): void {
    const registry = new SchemasRegistry(this, "registry", {
      name: this.naming.of("registry", "events"),
      description: `Events of ${this.project} ${this.environment}`,
    });
    for (const [name, document] of Object.entries(EVENT_DOCUMENTS)) {
      new SchemasSchema(this, `schema-${name}`, {
        name,
        registryName: registry.name,
        type: "JSONSchemaDraft4",
        content: JSON.stringify(document),
      });
    }
  }
}
