import type { Dataset } from "../kit/dataset";
import { lacking } from "./evidence";
import { extract, features, type GamblingBehaviourFeature, markers } from "./features";
import { generate } from "./generator";
import { omissions } from "./omissions";
import { type GamblingBehaviourRecord, record } from "./record";
import { rules } from "./rules";

export const gamblingBehaviour: Dataset<GamblingBehaviourRecord, GamblingBehaviourFeature> = {
  name: "gambling-behaviour",
  description: "Up to 90 days of a player's deposits, withdrawals, bets, sessions, limits and contacts",
  record,
  rules,
  features,
  extract,
  lacking,
  markers,
  omissions,
  generate,
};
