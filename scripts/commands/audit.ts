import { verify } from "../../catalogue/interventions/audit";
import { createAuditLog } from "../../handlers/lib/interventions/audit-log";
import { AUDIT_FORMATS, type AuditFormat, anchoredHeads, exported } from "../lib/audit";
import { main } from "../lib/main";
import { UserError } from "../lib/process";
import { target } from "../lib/target";

const isFormat = (name: string): name is AuditFormat => Object.hasOwn(AUDIT_FORMATS, name);

/** Verifies an operator's audit log, or writes it for a regulator. */
main("audit", async ({ arguments: [action, operatorId = ""], options: { format = "jsonl" } }) => {
  const { dynamodb: client, s3, naming } = await target();
  const tables = { playerTable: naming.of("table", "players"), auditTable: naming.of("table", "audit") };
  const log = createAuditLog({ client, ...tables });
  const actions: Readonly<Record<string, () => Promise<void>>> = {
    verify: async () => {
      // Read first, so that none is newer than the head, and entries that are appended meanwhile follow the latter.
      const anchored = await anchoredHeads(s3, naming.of("bucket", "audit-heads"), operatorId);
      const kept = await log.head(operatorId);
      if (kept.sequence === 0 && anchored.length === 0) {
        throw new UserError(`There is no audit log of an operator ${operatorId}.`);
      }
      const { broken } = await verify(operatorId, log.entries(operatorId, kept.sequence), kept, anchored);
      if (broken) {
        throw new UserError(`The audit log of ${operatorId} is broken: entry ${broken.sequence} ${broken.why}.`);
      }
      console.log(`The audit log of ${operatorId} holds: ${kept.sequence} entries, and its head is ${kept.hash}.`);
      const last = anchored.at(-1);
      console.log(
        last === undefined
          ? "None of its heads was anchored yet, so a log that was written anew as a whole would hold too."
          : `It has every head that was anchored (${anchored.length}), the last at ${last.at}, of entry ${last.sequence}.`,
      );
    },
    export: async () => {
      if (!isFormat(format)) return;
      for await (const line of exported(log.entries(operatorId), format)) console.log(line);
    },
  };
  const act = Object.hasOwn(actions, action ?? "") ? actions[action ?? ""] : undefined;
  if (act === undefined) throw new UserError(`${action} is not an action: ${Object.keys(actions).join(", ")}.`);
  await act();
  return undefined;
});
