import { compare } from "../../../chain/compare";
import { type Recordable, recordOf } from "../../../chain/records";

const salt = Buffer.alloc(32, 7);
const decision = (sequence: number): Recordable => ({
  id: String(sequence).padStart(32, "0"),
  at: "2026-11-26T19:00:00.750Z",
  operatorId: "operator-a",
  playerId: `player-${sequence}`,
  sequence: 1,
  level: 2,
  restrictions: { bonusStop: true },
  audit: { sequence, hash: String(sequence).padStart(64, "0") },
});
const log = [decision(1), decision(2), decision(3)];
const records = log.map((each) => recordOf(salt, each));
const hashOf = (sequence: number) => `0x${decision(sequence).audit.hash}` as const;

test("a chain that has what the log has differs in nothing, whatever the order", () => {
  expect(compare(log, [...records].reverse(), salt)).toEqual({ same: 3, forgotten: 0, differences: [] });
});

test("an entry that the chain lacks is named", () => {
  expect(compare(log, records.slice(1), salt)).toEqual({
    same: 2,
    forgotten: 0,
    differences: [{ entry: 1, auditHash: hashOf(1), wrong: "is not on the chain" }],
  });
});

test.each([{ level: 0 }, { sequence: 2n }, { time: 0n }])("an entry that the chain has with %p is named", (change) => {
  const [first, ...others] = records;
  expect(compare(log, [{ ...first, ...change } as never, ...others], salt).differences).toEqual([
    { entry: 1, auditHash: hashOf(1), wrong: "is another one on the chain" },
  ]);
});

test("a record that the log lacks is named by its hash", () => {
  expect(compare(log.slice(1), records, salt).differences).toEqual([
    { auditHash: hashOf(1), wrong: "is not in the audit log" },
  ]);
});

test("without its salt a record is still found, and nobody can tell whose it is", () => {
  expect(compare(log, records, undefined)).toEqual({ same: 3, forgotten: 3, differences: [] });
  expect(compare(log, records, Buffer.alloc(32, 8))).toEqual({ same: 3, forgotten: 3, differences: [] });
});

test("an entry that was recorded again under a new salt is whose it is", () => {
  const again = recordOf(Buffer.alloc(32, 8), decision(1));
  expect(compare([decision(1)], [records[0] as never, again], salt)).toEqual({
    same: 1,
    forgotten: 0,
    differences: [],
  });
});
