import fc from "fast-check";
import { commitmentOf, operatorKey, type Recordable, recordOf } from "../../../chain/records";

const salt = Buffer.alloc(32, 7);
const event: Recordable = {
  id: "0123456789abcdef0123456789abcdef",
  at: "2026-11-26T19:00:00.750Z",
  operatorId: "operator-a",
  playerId: "player-1",
  sequence: 3,
  level: 2,
  restrictions: { bonusStop: true, depositLimit: { amount: 100, currency: "EUR", days: 7 } },
  audit: { sequence: 12, hash: "ab".repeat(32) },
};

test("a record tells level, sequence, second and audit hash, and nothing else in the clear", () => {
  expect(recordOf(salt, event)).toEqual({
    id: expect.stringMatching(/^0x[0-9a-f]{64}$/),
    pseudonym: expect.stringMatching(/^0x[0-9a-f]{64}$/),
    restrictions: expect.stringMatching(/^0x[0-9a-f]{64}$/),
    auditHash: `0x${"ab".repeat(32)}`,
    sequence: 3n,
    time: BigInt(Date.parse("2026-11-26T19:00:00Z") / 1000),
    level: 2,
  });
});

test("the same event gives the same record, however its restrictions are ordered", () => {
  const restrictions = { depositLimit: { days: 7, currency: "EUR", amount: 100 }, bonusStop: true } as const;
  expect(recordOf(salt, { ...event, restrictions })).toEqual(recordOf(Buffer.from(salt), event));
});

test("a player has one pseudonym, and another with another operator or salt", () => {
  const pseudonym = (changes: Partial<Recordable>, of = salt) => recordOf(of, { ...event, ...changes }).pseudonym;
  expect(pseudonym({ id: "f".repeat(32), level: 4 })).toBe(pseudonym({}));
  const all = [
    pseudonym({}),
    pseudonym({ playerId: "player-2" }),
    pseudonym({ operatorId: "operator-b" }),
    pseudonym({}, Buffer.alloc(32, 8)),
  ];
  expect(new Set(all).size).toBe(4);
});

test("the same restrictions of two events cannot be told to be the same", () => {
  const [one, another] = ["0", "1"].map((digit) => recordOf(salt, { ...event, id: digit.repeat(32) }));
  expect(one?.restrictions).not.toBe(another?.restrictions);
});

test("whatever the ids, no two players share a pseudonym", () => {
  const id = fc.stringMatching(/^[A-Za-z0-9._:-]{1,20}$/);
  fc.assert(
    fc.property(id, id, id, id, (operatorId, playerId, otherOperator, otherPlayer) => {
      fc.pre(operatorId !== otherOperator || playerId !== otherPlayer);
      const one = recordOf(salt, { ...event, operatorId, playerId });
      const another = recordOf(salt, { ...event, operatorId: otherOperator, playerId: otherPlayer });
      expect(one.pseudonym).not.toBe(another.pseudonym);
    }),
  );
});

test("every field counts in the commitment", () => {
  const record = recordOf(salt, event);
  const changed = Object.entries(record).map(([name, value]) =>
    commitmentOf({
      ...record,
      [name]: typeof value === "string" ? `0x${"1".repeat(64)}` : typeof value === "bigint" ? value + 1n : value + 1,
    }),
  );
  expect(new Set([commitmentOf(record), ...changed]).size).toBe(8);
});

test("a salt that could be guessed is refused", () => {
  expect(() => recordOf(Buffer.alloc(31), event)).toThrow("The salt has 31 bytes; it must have 32");
});

test("an operator's name on the chain is the Keccak hash of its id", () => {
  expect(operatorKey("")).toBe("0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
});
