import { createHash } from "node:crypto";
import type { Omission } from "./omissions";
import type { Outcome } from "./outcome";
import type { RecordSchema } from "./record-schema";
import type { Problem } from "./schema-problems";

/** Fields that every record has, whatever its dataset. */
export interface RecordIdentity {
  readonly dataset: string;
  /** Opaque pseudonym; never an e-mail address or a name. */
  readonly playerId: string;
  readonly operatorId: string;
  /** RFC 3339 instant at which everything in the record was true. */
  readonly asOf: string;
  /** ISO 4217 code of the currency that all amounts are in. */
  readonly currency?: string | undefined;
}

/** A record with its outcome: a line of a data bucket's `records/*.jsonl`. */
export type TrainingRecord<R extends RecordIdentity = RecordIdentity> = R & { readonly outcome: Outcome };

/** Data that a record must have before a model's answer about it means anything. */
export interface Needs {
  /** Groups of data, as the dataset calls them. */
  readonly groups: readonly string[];
  /**
   * The days that the record must cover: the last `upTo`, that of `asOf` included, or the whole life of a younger
   * account. The last `lag` of them may be missing, because many report a day once it is over. Of a window of `upTo`
   * whole days that leaves the first one out, for which a record that has the day of `asOf` has no room; what is counted
   * by the day is divided by the days that were observed.
   */
  readonly days?: { readonly upTo: number; readonly lag: number };
}

export interface Feature {
  /** Stable snake_case name. Renaming, adding, removing or reordering features changes the feature hash. */
  readonly name: string;
  readonly unit: string;
  readonly description: string;
}

/** A sign of harm that responsible-gambling teams recognise, shown as a reason beside the score. */
export interface Marker {
  /** Stable kebab-case name, sent to API clients. */
  readonly name: string;
  readonly description: string;
}

export interface SyntheticOptions {
  /** Same seed, same records, byte for byte. */
  readonly seed: number;
  readonly players: number;
  /** RFC 3339; records are dated before it. */
  readonly now: string;
}

export interface SyntheticRecord<R extends RecordIdentity> {
  readonly record: TrainingRecord<R>;
  /** The true probability of a problem-gambling label given the record: the score of the Bayes-optimal classifier. */
  readonly probability: number;
}

/**
 * Describes a dataset to the framework; another dataset is a folder that exports one of these. The functions that take a
 * record are methods, so that a list can hold datasets of different records.
 */
export interface Dataset<R extends RecordIdentity = RecordIdentity, N extends string = string> {
  readonly name: R["dataset"];
  readonly description: string;
  readonly record: RecordSchema<R>;
  /**
   * Finds broken relations between fields, which JSON Schema cannot express. It gets records that fit the schema only.
   */
  rules(record: R): readonly Problem[];
  /** The features in the order of the vector that goes to the endpoint. */
  readonly features: readonly (Feature & { readonly name: N })[];
  /** Computes the features of a record. A value that cannot be known is `null`, never 0. */
  extract(record: R): Readonly<Record<N, number | null>>;
  /** Names what a record lacks of `needs`. API clients get the names: kebab-case or the record's own, and stable. */
  lacking(record: R, needs: Needs): readonly string[];
  readonly markers: readonly (Marker & { fires(features: Readonly<Record<N, number | null>>): boolean })[];
  /** Lists what operators may leave out of a record, so that models learn from records without it; at most 32. */
  readonly omissions: readonly Omission<R>[];
  readonly generate: (options: SyntheticOptions) => Iterable<SyntheticRecord<R>>;
}

/**
 * Identifies a feature vector's layout: 16 hexadecimal digits over the dataset's name and its ordered feature names
 * and units. A model trained on one layout must never be asked with another.
 */
export function featureHash(dataset: Pick<Dataset, "name" | "features">): string {
  const layout = [dataset.name, ...dataset.features.map(({ name, unit }) => `${name}:${unit}`)];
  return createHash("sha256").update(layout.join("\n")).digest("hex").slice(0, 16);
}
