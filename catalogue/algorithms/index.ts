import type { Algorithm } from "./algorithm";
import { xgboost } from "./xgboost";

const entries = { xgboost } satisfies Readonly<Record<string, Algorithm>>;

/** Name of an algorithm: that of its folder here, and of the one in `containers/` with the image of our own. */
export type AlgorithmName = keyof typeof entries;

/** Every algorithm of the framework. One folder and one entry more are one algorithm more. */
export const ALGORITHMS: Readonly<Record<AlgorithmName, Algorithm>> = entries;
