import type { Head } from "../../../catalogue/interventions/audit";
import { type AnchoredHead, headKey } from "../../../contracts/audit-heads";
import { errorName, type Telemetry } from "../../lib/util/telemetry";

export interface AnchorAuditDeps {
  readonly telemetry: Pick<Telemetry, "info" | "error">;
  readonly head: (operatorId: string) => Promise<Head>;
  /** Writes an object unless there is one with its key; tells whether it did. */
  readonly putOnce: (key: string, body: string) => Promise<boolean>;
  readonly operators: readonly string[];
  readonly now: () => Date;
}

/**
 * Keeps the head of each operator's audit log where nobody can change it, once a day. An operator that fails stops no
 * other; the error at the end has Lambda try again, which writes what is still missing of the day.
 */
export const createHandler =
  ({ telemetry, head, putOnce, operators, now }: AnchorAuditDeps) =>
  async (): Promise<void> => {
    const at = now();
    const failed: string[] = [];
    for (const operatorId of operators) {
      try {
        const { sequence, hash } = await head(operatorId);
        // Nothing has happened to its players yet.
        if (sequence === 0) continue;
        const anchored: AnchoredHead = { operatorId, sequence, hash, at: at.toISOString() };
        const isNew = await putOnce(headKey(operatorId, at), JSON.stringify(anchored));
        telemetry.info(isNew ? "anchored" : "was anchored before", { operator: operatorId, sequence });
      } catch (error) {
        failed.push(operatorId);
        telemetry.error("a head was not anchored", { operator: operatorId, reason: errorName(error) });
      }
    }
    if (failed.length > 0) throw new Error(`the heads of the audit logs of ${failed.join(", ")} were not anchored`);
  };
