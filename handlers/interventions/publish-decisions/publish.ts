import type { BusEvent } from "../../../contracts/bus";
import type { PutEvents } from "../../lib/aws/event-bus";
import type { Audited, AuditLog, ChangeRef } from "../../lib/interventions/audit-log";
import { errorName, type Telemetry } from "../../lib/util/telemetry";

export interface PublishDeps {
  readonly telemetry: Pick<Telemetry, "error">;
  readonly audit: Pick<AuditLog, "append">;
  readonly putEvents: PutEvents;
}

/**
 * Puts changes of players on record and then on the bus, in this order: what operators are told is in their audit log.
 * Answers those that failed. What is on record is not put there again, and events that come twice have the same id.
 */
export const publisher =
  ({ telemetry, audit, putEvents }: PublishDeps) =>
  async (refs: readonly ChangeRef[]): Promise<ReadonlySet<ChangeRef>> => {
    const failed = new Set<ChangeRef>();
    const failAll = (each: readonly ChangeRef[], what: string, error: unknown) => {
      for (const ref of each) failed.add(ref);
      telemetry.error(what, { changes: each.length, reason: errorName(error) });
    };

    const ready: { readonly ref: ChangeRef; readonly change: Audited }[] = [];
    for (const operatorId of new Set(refs.map((ref) => ref.operatorId))) {
      const each = refs.filter((ref) => ref.operatorId === operatorId);
      try {
        const appended = await audit.append(operatorId, each);
        for (const ref of each) {
          const change = appended.get(ref);
          if (change) ready.push({ ref, change });
        }
      } catch (error) {
        failAll(each, "changes were not put on record", error);
      }
    }
    if (ready.length > 0) {
      try {
        const refused = await putEvents(ready.map(({ change }) => eventOf(change)));
        for (const place of refused) if (ready[place]) failed.add(ready[place].ref);
      } catch (error) {
        failAll(
          ready.map(({ ref }) => ref),
          "events were not published",
          error,
        );
      }
    }
    return failed;
  };

/** Only interventions tell their place in the log. */
const eventOf = ({ name, detail, audit }: Audited): BusEvent =>
  name === "MarketingSuppressed" ? { name, detail } : { name, detail: { ...detail, audit } };
