import type { BusEvent } from "../../../contracts/bus";
import { parseInput } from "../../../contracts/inputs";
import type { PutEvents } from "../../lib/aws/event-bus";
import type { BatchReply } from "../../lib/aws/messages";
import type { Audited, AuditLog, ChangeRef } from "../../lib/interventions/audit-log";
import { refOf } from "../../lib/interventions/items";
import { errorName, type Telemetry } from "../../lib/util/telemetry";

export interface PublishDecisionsDeps {
  readonly telemetry: Pick<Telemetry, "info" | "error">;
  readonly audit: Pick<AuditLog, "append">;
  readonly putEvents: PutEvents;
}

/** The change that a record of the stream is about. */
interface Told {
  readonly place: number;
  readonly ref: ChangeRef;
}

/**
 * Puts changes of players on record and then on the bus, in this order: what operators are told is in their audit log.
 * The stream gives the batch again from the first record that failed; what is on record by then is not put there again,
 * and events that come twice have the same id.
 */
export const createHandler =
  ({ telemetry, audit, putEvents }: PublishDecisionsDeps) =>
  async (input: unknown): Promise<BatchReply> => {
    const { Records } = parseInput("publish-decisions", input);
    const told = Records.flatMap(({ eventName, dynamodb: { Keys } }, place): Told[] => {
      const ref = refOf(Keys.player.S, Keys.item.S);
      // What is written to a change later is its place on record.
      return ref && eventName === "INSERT" ? [{ place, ref }] : [];
    });
    const failed: number[] = [];
    const failAll = (each: readonly Told[], what: string, error: unknown) => {
      failed.push(...each.map(({ place }) => place));
      telemetry.error(what, { changes: each.length, reason: errorName(error) });
    };

    const ready: { readonly told: Told; readonly change: Audited }[] = [];
    for (const operatorId of new Set(told.map(({ ref }) => ref.operatorId))) {
      const each = told.filter(({ ref }) => ref.operatorId === operatorId);
      try {
        const appended = await audit.append(
          operatorId,
          each.map(({ ref }) => ref),
        );
        for (const one of each) {
          const change = appended.get(one.ref);
          if (change) ready.push({ told: one, change });
        }
      } catch (error) {
        failAll(each, "changes were not put on record", error);
      }
    }
    if (ready.length > 0) {
      try {
        const refused = await putEvents(ready.map(({ change }) => eventOf(change)));
        failed.push(...refused.flatMap((place) => ready[place]?.told.place ?? []));
      } catch (error) {
        failAll(
          ready.map((each) => each.told),
          "events were not published",
          error,
        );
      }
    }
    telemetry.info("published", { changes: told.length, failed: failed.length });
    const first = Records[Math.min(...failed)];
    return { batchItemFailures: first ? [{ itemIdentifier: first.dynamodb.SequenceNumber }] : [] };
  };

/** Only interventions tell their place in the log. */
const eventOf = ({ name, detail, audit }: Audited): BusEvent =>
  name === "MarketingSuppressed" ? { name, detail } : { name, detail: { ...detail, audit } };
