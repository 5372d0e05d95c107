import type { Model } from "../models";
import type { Task } from "../training/gate";

/** Values of hyperparameters, by the algorithm's own names. */
export type Hyperparameters = Readonly<Record<string, string | number>>;

/** Writes hyperparameters as texts, as the SageMaker API takes them. */
export const asTexts = (hyperparameters: Hyperparameters): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(hyperparameters).map(([name, value]) => [name, String(value)]));

interface Objective {
  readonly task: Task;
  /** Of an objective with a log link, the power of the mean that the variance of labels is proportional to. */
  readonly variancePower?: (hyperparameters: Hyperparameters) => number;
}

/** Describes an algorithm that trains and serves models to the framework. */
export interface Algorithm {
  /** SageMaker's own image: the release whose model data we write and whose training the emulator runs. */
  readonly builtInImage: { readonly repository: string; readonly tag: string };
  /** Hyperparameters of every model; a model's own come on top. */
  readonly hyperparameters: Hyperparameters;
  /** Names of the hyperparameters that the framework itself reads or sets. */
  readonly names: {
    readonly objective: string;
    /** The metric by which a training stops and a search chooses. */
    readonly metric: string;
    readonly rounds: string;
    /** Rounds without a better metric after which a training stops; a model that does not give it trains all rounds. */
    readonly patience: string;
    readonly seed: string;
  };
  /** Objectives that a model may be trained for. */
  readonly objectives: Readonly<Record<string, Objective>>;
  /** Metrics of which more is better; of all others less is. */
  readonly maximisedMetrics: readonly string[];
  /** Hyperparameters that a search may vary on SageMaker's own image, by their kind. */
  readonly tunable: Readonly<Record<"integers" | "numbers", readonly string[]>>;
  /** Makes the expression that finds a metric of a channel in the log of our own image. */
  readonly logged: (channel: string, metric: string) => string;
  /** File in the archive of model data. */
  readonly modelFile: string;
  /**
   * Writes that file for a model that answers its base score, whatever its so many features are: the first to serve.
   */
  readonly initialModel: (model: Model, features: number) => string;
}
