import { type AuditEntry, follow, GENESIS } from "../../../catalogue/interventions/audit";
import { AUDIT_FORMATS, type AuditFormat, exported } from "../../../scripts/lib/audit";

const first = follow(GENESIS, "a", {
  name: "InterventionDecided",
  detail: { at: "2026-01-01T00:00:00.000Z", playerId: "p-1", level: 1, reasons: ['so "big"'], cause: "assessment" },
});
const second = follow(first, "a", { name: "MarketingSuppressed", detail: { playerId: "-p", recalls: [] } });

async function lines(format: AuditFormat): Promise<readonly string[]> {
  const all: string[] = [];
  const entries = async function* (): AsyncGenerator<AuditEntry> {
    yield* [first, second];
  };
  for await (const line of exported(entries(), format)) all.push(line);
  return all;
}

test("JSON Lines have all that hashes are made of", async () => {
  expect((await lines("jsonl")).map((line) => JSON.parse(line))).toEqual([first, second]);
});

test("CSV has a line an event, which spreadsheets take for text", async () => {
  const [head, one, other] = await lines("csv");
  expect(head).toMatch(/^sequence,at,event,playerId,cause,level,/);
  expect(one).toBe(
    `1,2026-01-01T00:00:00.000Z,InterventionDecided,p-1,assessment,1,,,,,"[""so \\""big\\""""]",,,,,${first.previous},${first.nonce},${first.hash}`,
  );
  expect(other).toMatch(/^2,,MarketingSuppressed,'-p,/);
});

test("the command names the formats that there are", async () => {
  const { COMMANDS } = await import("../../../scripts/lib/commands");
  expect(COMMANDS.audit.options.format.oneOf).toEqual(Object.keys(AUDIT_FORMATS));
});
