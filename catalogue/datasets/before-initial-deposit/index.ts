import type { Dataset } from "../kit/dataset";
import { lacking } from "./evidence";
import { type BeforeInitialDepositFeature, extract, features, markers } from "./features";
import { generate } from "./generator";
import { omissions } from "./omissions";
import { type BeforeInitialDepositRecord, record } from "./record";
import { rules } from "./rules";

export const beforeInitialDeposit: Dataset<BeforeInitialDepositRecord, BeforeInitialDepositFeature> = {
  name: "before-initial-deposit",
  description: "What is known of a player before money moves",
  record,
  rules,
  features,
  extract,
  lacking,
  markers,
  omissions,
  generate,
};
