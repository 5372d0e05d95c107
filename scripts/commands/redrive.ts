import { eventPutter } from "../../handlers/lib/aws/event-bus";
import { createAuditLog } from "../../handlers/lib/interventions/audit-log";
import { publishLeft } from "../lib/decisions";
import { knownDelivery, redrive } from "../lib/deliveries";
import { main } from "../lib/main";
import { UserError } from "../lib/process";
import { step } from "../lib/progress";
import { type Target, target } from "../lib/target";

/** Delivers the dead letters of an operator's delivery again, or publishes decisions that were given up. */
main("redrive", async ({ arguments: [operator = "", name], options: { hours } }) => {
  const environment = await target();
  if (operator === "decisions" && name === undefined) {
    await decisions(environment, hours === undefined ? undefined : new Date(Date.now() - Number(hours) * 3_600_000));
    return undefined;
  }
  if (hours !== undefined) throw new UserError("--hours is for decisions: npm run redrive -- decisions --hours <n>.");
  const delivery = knownDelivery(environment.config, operator, name ?? "");
  const moved = await step(`Redrive ${operator}/${name}`, () => redrive(environment, delivery));
  console.log(
    moved === undefined
      ? "\nSQS goes on with it; npm run status shows what is left."
      : `\n${moved} messages wait to be delivered again. Those that the operator has are not sent twice.`,
  );
  return undefined;
});

async function decisions({ dynamodb, eventbridge, naming }: Target, since: Date | undefined): Promise<void> {
  const tables = { playerTable: naming.of("table", "players"), auditTable: naming.of("table", "audit") };
  const { published, failed } = await step("Publish decisions", () =>
    publishLeft(
      {
        dynamodb,
        table: tables.playerTable,
        audit: createAuditLog({ client: dynamodb, ...tables }),
        putEvents: eventPutter(eventbridge, naming.of("bus", "events")),
        telemetry: { error: (message, fields) => console.error(message, fields) },
      },
      since,
    ),
  );
  if (failed > 0) throw new UserError(`${failed} decisions were not published; ${published} were. Try again.`);
  console.log(`\n${published} decisions were put on record and on the bus.`);
}
