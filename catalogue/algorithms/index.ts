import type { Algorithm } from "./algorithm";
import { xgboost } from "./xgboost";

const entries = { xgboost } satisfies Readonly<Record<string, Algorithm>>;

/** Names an algorithm: its folder here, and the folder of `containers/` with its image. */
export type AlgorithmName = keyof typeof entries;

/** Lists every algorithm of the framework. Another algorithm is another folder, and an entry here. */
export const ALGORITHMS: Readonly<Record<AlgorithmName, Algorithm>> = entries;
