import type { Model } from "../../../catalogue/models";

/** Tells whether players are ranked by a model: it tells a risk, and what its endpoint answers is the score. */
export const isRanked = ({ riskThresholds, relativeTo }: Model): boolean =>
  riskThresholds !== undefined && relativeTo === undefined;
