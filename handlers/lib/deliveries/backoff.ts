import { type DeliveryRules, leastPause } from "../../../contracts/deliveries";

/** Share by which chance makes a pause longer, so that messages which failed together do not come back together. */
const SPREAD = 0.5;

/** Makes a pause longer by a share that chance (0 to 1) decides, in whole seconds. */
export const spread = (seconds: number, chance: number): number => Math.ceil(seconds * (1 + SPREAD * chance));

/** Gives the seconds until a message that was received so often is due again. */
export const pauseAfter = (retries: DeliveryRules["retries"], receipts: number, chance: number): number =>
  spread(leastPause(retries, receipts), chance);
