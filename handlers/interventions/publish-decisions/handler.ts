import { parseInput } from "../../../contracts/inputs";
import type { BatchReply } from "../../lib/aws/messages";
import type { ChangeRef } from "../../lib/interventions/audit-log";
import { refOf } from "../../lib/interventions/items";
import type { Telemetry } from "../../lib/util/telemetry";
import { type PublishDeps, publisher } from "./publish";

export interface PublishDecisionsDeps extends PublishDeps {
  readonly telemetry: Pick<Telemetry, "info" | "error">;
}

/**
 * Publishes the changes that a table's stream tells of. The stream gives a batch again from the first record that
 * failed.
 */
export function createHandler(deps: PublishDecisionsDeps) {
  const publish = publisher(deps);
  return async (input: unknown): Promise<BatchReply> => {
    const { Records } = parseInput("publish-decisions", input);
    const places = new Map<ChangeRef, number>();
    for (const [place, { eventName, dynamodb }] of Records.entries()) {
      const ref = refOf(dynamodb.Keys.player.S, dynamodb.Keys.item.S);
      // What is written to a change later is its place on record.
      if (ref && eventName === "INSERT") places.set(ref, place);
    }
    const failed = await publish([...places.keys()]);
    deps.telemetry.info("published", { changes: places.size, failed: failed.size });
    const first = Records[Math.min(...[...failed].flatMap((ref) => places.get(ref) ?? []))];
    return { batchItemFailures: first ? [{ itemIdentifier: first.dynamodb.SequenceNumber }] : [] };
  };
}
