import { createHash } from "node:crypto";
import { ALGORITHMS } from "../algorithms";
import { datasetNamed } from "../datasets";
import { featureHash } from "../datasets/kit/dataset";
import type { Model } from "../models";

/** A record's own measure, of which a model's endpoint answers multiples. */
export interface OwnMeasure {
  /** Features of which the measure is the mean; one that is unknown counts as 0. */
  readonly features: readonly string[];
  /** Is added in the unit of the features, so that no measure is 0. */
  readonly plus: number;
}

/**
 * Relates what a model's endpoint answers, and is trained on, to scores and labels: score = scale × answer. The scale of
 * a row is `plus` and the mean of its `columns`, 1 for models that have no measure.
 *
 * That gives a model an offset, log(scale), though requests to SageMaker's built-in XGBoost bring no `base_margin`: for
 * a log link and Tweedie's variance of power p, the likelihood of a label with the offset is that of label ÷ scale
 * without it, times scale^(2 − p), which is the row's weight (docs/decisions/0040-marketing-predicts-multiples.md).
 */
export interface Scaling {
  /** By feature, its place in the vector. */
  readonly columns: Readonly<Record<string, number>>;
  readonly plus: number;
  /** The power of the scale that is the weight of a row: 2 − p. */
  readonly weightPower: number;
}

/** The scaling of models that have no measure: an answer is a score, and each row counts the same. */
export const UNSCALED: Scaling = { columns: {}, plus: 1, weightPower: 0 };

type Vector = readonly (number | null)[];

/** Finds a model's scaling. Throws when its dataset lacks a feature, or its objective has no such variance. */
export function scalingOf({ name, dataset, relativeTo, algorithm, hyperparameters }: Model): Scaling {
  if (relativeTo === undefined) return UNSCALED;
  const { objectives, names } = ALGORITHMS[algorithm];
  const power = objectives[String(hyperparameters[names.objective])]?.variancePower?.(hyperparameters);
  if (power === undefined) throw new Error(`the objective of ${name} has no log link, so its scores have no scale`);
  const { features } = datasetNamed(dataset);
  const columns = relativeTo.features.map((wanted) => {
    const column = features.findIndex((feature) => feature.name === wanted);
    if (column < 0) throw new Error(`${name} is relative to ${wanted}, which ${dataset} has no feature of`);
    return [wanted, column] as const;
  });
  return { columns: Object.fromEntries(columns), plus: relativeTo.plus, weightPower: 2 - power };
}

/** Computes the scale of a feature vector. */
export function scaleOf({ columns, plus }: Scaling, features: Vector): number {
  const used = Object.values(columns);
  const sum = used.reduce((total, column) => total + (features[column] ?? 0), 0);
  return plus + sum / Math.max(1, used.length);
}

/** Computes what a row teaches the endpoint: the answer for its label, and how much that counts. */
export function lessonOf(scaling: Scaling, features: Vector, label: number): { answer: number; weight: number } {
  const scale = scaleOf(scaling, features);
  return { answer: label / scale, weight: scale ** scaling.weightPower };
}

/**
 * Identifies what a version of a model takes and answers, given the hash of its features: that hash, or for a model
 * with a measure 16 hexadecimal digits over hash and scaling. A version of another layout must never be asked.
 */
export function layoutHash(model: Model, features: string = featureHash(datasetNamed(model.dataset))): string {
  if (model.relativeTo === undefined) return features;
  const { columns, plus } = scalingOf(model);
  return createHash("sha256")
    .update(JSON.stringify([features, columns, plus]))
    .digest("hex")
    .slice(0, 16);
}
