import { type Omission, withoutField } from "../kit/omissions";
import type { BeforeInitialDepositRecord } from "./record";

/** Gender and country are not among them, because no feature is made of them. */
export const omissions: readonly Omission<BeforeInitialDepositRecord>[] = [
  withoutField("age"),
  withoutField("channel"),
  withoutField("device"),
  withoutField("registeredAt"),
  withoutField("registeredHour"),
  withoutField("priorExclusion"),
  withoutField("accountsElsewhere"),
  withoutField("kyc"),
  withoutField("limits"),
  withoutField("browsing"),
];
