import type { Construct } from "constructs";
import type { Model } from "../catalogue/models";
import type { Config } from "../config";
import { ROWS } from "../contracts/run-layout";
import { SCORING, WORKING_DAYS } from "../contracts/scoring-layout";
import { BaseStack } from "../modules/base/base-stack";
import { People } from "../modules/identity/people";
import { EventBus } from "../modules/messaging/event-bus";
import { ModelRepository } from "../modules/sagemaker/model-repository";
import { AuditTable } from "../modules/storage/audit-table";
import { EncryptionKey } from "../modules/storage/encryption-key";
import { LabelTable } from "../modules/storage/label-table";
import { PlayerTable } from "../modules/storage/player-table";
import { PrivateBucket, type PrivateBucketProps } from "../modules/storage/private-bucket";

export interface StorageStackProps {
  readonly config: Config;
  readonly models: readonly Model[];
}

/**
 * Holds everything that must outlive the rest: the key, a bucket per dataset and per model, one for assets, one for
 * operators' archives, image repositories, labels, what holds for players, the audit logs, the people who label and
 * review, and the bus of events with its archive, on which others build without waiting for each other.
 */
export class StorageStack extends BaseStack {
  readonly key: EncryptionKey;
  /** By dataset: `records/` holds the operators' training records. */
  readonly dataBuckets: Readonly<Record<string, PrivateBucket>>;
  /** By model: `initial/` holds the first model data, `runs/` and `rows/` what the main state machine makes. */
  readonly modelBuckets: Readonly<Record<string, PrivateBucket>>;
  /** Bundles of functions, and the files of jobs. Its name is older than the latter, and another would replace it. */
  readonly assets: PrivateBucket;
  /** Operators' archives, a folder each: docs/events.md, "Archives". */
  readonly archive: PrivateBucket;
  readonly repositories: Readonly<Record<string, ModelRepository>>;
  readonly labels: LabelTable;
  /** Carries what follows a prediction. */
  readonly bus: EventBus;
  readonly players: PlayerTable;
  readonly audit: AuditTable;
  /** Heads of the audit logs, one a day, which nobody changes. */
  readonly auditHeads: PrivateBucket;
  /** Accounts of the people who label and who review. */
  readonly people: People;

  constructor(scope: Construct, { config, models }: StorageStackProps) {
    super(scope, "storage", config);
    const { storage } = config;
    this.key = new EncryptionKey(this, "key", {
      alias: this.naming.of("alias", "data"),
      description: `Player data and models of ${config.project} ${config.environment}`,
      deletionWindowInDays: storage.kmsDeletionWindowInDays,
    });
    const kept = (prefix: string) => ({ retention: { prefix, days: storage.dataRetentionDays } });
    // Where superseded versions stay for ever, so that nothing waits for lifecycle rules, nothing expires.
    const working = {
      scoring: { prefix: SCORING, days: storage.noncurrentVersionDays === null ? null : WORKING_DAYS },
    };
    const bucket = (kind: string, name: string, retentions?: PrivateBucketProps["retentions"]) =>
      new PrivateBucket(this, `${kind}-${name}`, {
        name: this.naming.of("bucket", kind, name),
        destroyable: storage.destroyable,
        noncurrentVersionDays: storage.noncurrentVersionDays,
        ...(retentions && { retentions }),
      });
    const each = <T>(names: Iterable<string>, make: (name: string) => T) =>
      Object.fromEntries([...names].map((name) => [name, make(name)]));

    const modelNames = models.map(({ name }) => name);
    this.dataBuckets = each(new Set(models.map(({ dataset }) => dataset)), (dataset) =>
      bucket("data", dataset, { ...kept(""), ...working }),
    );
    this.modelBuckets = each(modelNames, (model) => bucket("model", model, kept(ROWS)));
    this.assets = bucket("artefacts", "lambda");
    this.archive = bucket("archive", "operators", kept(""));
    this.repositories = each(
      modelNames,
      (model) =>
        new ModelRepository(this, `repository-${model}`, {
          name: this.naming.of("repository", model),
          destroyable: storage.destroyable,
        }),
    );
    this.labels = new LabelTable(this, "labels", {
      name: this.naming.of("table", "labels"),
      destroyable: storage.destroyable,
      expires: storage.dataRetentionDays !== null,
    });
    this.players = new PlayerTable(this, "players", {
      name: this.naming.of("table", "players"),
      destroyable: storage.destroyable,
    });
    this.audit = new AuditTable(this, "audit", {
      name: this.naming.of("table", "audit"),
      destroyable: storage.destroyable,
    });
    this.auditHeads = new PrivateBucket(this, "audit-heads", {
      name: this.naming.of("bucket", "audit-heads"),
      destroyable: storage.destroyable,
      noncurrentVersionDays: storage.noncurrentVersionDays,
      lock: storage.audit,
    });
    // The pool's names are those of the version that had labellers alone: another name would be another pool.
    this.people = new People(this, "labellers", {
      name: this.naming.of("userPool", "labellers"),
      mfa: config.labellers.mfa,
      destroyable: storage.destroyable,
    });
    this.bus = new EventBus(this, "bus", {
      name: this.naming.of("bus", "events"),
      archiveDays: config.events.archiveDays,
    });
  }
}
