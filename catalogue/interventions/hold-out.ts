import { createHash } from "node:crypto";
import type { PlayerKey } from "./evidence";

/**
 * Says whether a player is held out of soft interventions, so that players with and without them can be compared: the
 * same players always, about this share of each operator's.
 */
export function isHeldOut({ operatorId, playerId }: PlayerKey, share: number): boolean {
  const hash = createHash("sha256")
    .update(JSON.stringify(["hold-out", operatorId, playerId]))
    .digest();
  return hash.readUInt32BE() < share * 2 ** 32;
}
