import { SchemasRegistry } from "@cdktf/provider-aws/lib/schemas-registry";
import { SchemasSchema } from "@cdktf/provider-aws/lib/schemas-schema";
import type { Construct } from "constructs";
import type { Config } from "../config";
import { EVENT_DOCUMENTS } from "../contracts/event-documents";
import { BaseStack } from "../modules/base/base-stack";
import { type Bundles, functionFactory } from "../modules/functions/function-factory";
import { EventQueue } from "../modules/messaging/event-queue";
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
