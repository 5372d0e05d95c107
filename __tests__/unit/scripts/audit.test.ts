import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { mockClient } from "aws-sdk-client-mock";
import { type AuditEntry, follow, GENESIS } from "../../../catalogue/interventions/audit";
import { AUDIT_FORMATS, type AuditFormat, anchoredHeads, exported } from "../../../scripts/lib/audit";
import { lockedBucket } from "../locked-bucket";

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

describe("anchored heads", () => {
  const mock = mockClient(S3Client);
  const s3 = new S3Client({ region: "eu-west-1" });
  beforeEach(() => mock.reset());
  const put = (Key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket: "heads", Key, Body }));
  const head = (operatorId: string, sequence: number, day: string) => ({
    ...{ operatorId, sequence, hash: "a".repeat(64), at: `2026-11-${day}T00:15:00.000Z` },
  });

  test("are read on every page and in every version, of one operator, in their order", async () => {
    lockedBucket(mock);
    const heads = [head("a", 4, "27"), head("a", 2, "26"), head("a", 9, "28"), head("a", 3, "26")];
    for (const each of heads) await put(`heads/a/${each.at.slice(0, 10)}.json`, JSON.stringify(each));
    await put("heads/a-2/2026-11-26.json", JSON.stringify(head("a-2", 1, "26")));
    expect((await anchoredHeads(s3, "heads", "a")).map(({ sequence }) => sequence)).toEqual([2, 3, 4, 9]);
    expect(await anchoredHeads(s3, "heads", "b")).toEqual([]);
  });

  test("that are none are told by their key", async () => {
    lockedBucket(mock);
    await put("heads/a/2026-11-26.json", JSON.stringify({ ...head("a", 2, "26"), hash: "?" }));
    await expect(anchoredHeads(s3, "heads", "a")).rejects.toThrow(
      /^s3:\/\/heads\/heads\/a\/2026-11-26\.json hash must be /,
    );
  });
});
