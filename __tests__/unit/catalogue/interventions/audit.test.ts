import { createHash } from "node:crypto";
import fc from "fast-check";
import { type AuditEntry, canonicalJson, follow, GENESIS, verify } from "../../../../catalogue/interventions/audit";

describe("canonical JSON", () => {
  test("has its keys in order, no spaces, and no undefined", () => {
    const value = { b: [1, { d: undefined, c: null }], a: "é\n", "€": 1e21, A: -0 };
    expect(canonicalJson(value)).toBe('{"A":0,"a":"é\\n","b":[1,{"c":null}],"€":1e+21}');
  });

  test("is the same however the keys were written, and tells the same", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });
});

/** A log of so many entries. */
const logOf = (length: number, operatorId = "a"): AuditEntry[] => {
  const entries: AuditEntry[] = [];
  for (let number = 1; number <= length; number += 1) {
    entries.push(follow(entries.at(-1) ?? GENESIS, operatorId, { name: "InterventionDecided", detail: { number } }));
  }
  return entries;
};
const headOf = (log: readonly AuditEntry[]) => log.at(-1) ?? GENESIS;
const brokenIn = async (log: readonly AuditEntry[], kept = headOf(log)) => (await verify("a", log, kept)).broken;

test("an entry's hash is SHA-256 of all the rest, so that anybody can recompute it", () => {
  const [entry] = logOf(1) as [AuditEntry];
  const text = `{"detail":{"number":1},"name":"InterventionDecided","nonce":"${entry.nonce}","operatorId":"a","previous":"${"0".repeat(64)}","sequence":1}`;
  expect(entry.hash).toBe(createHash("sha256").update(text).digest("hex"));
});

test("an entry's hash does not tell its detail to whoever guesses it: a nonce is drawn for each", () => {
  const [entry, again] = [logOf(1)[0], logOf(1)[0]] as [AuditEntry, AuditEntry];
  expect(entry.nonce).toMatch(/^[0-9a-f]{32}$/);
  expect({ ...again, nonce: "", hash: "" }).toEqual({ ...entry, nonce: "", hash: "" });
  expect([again.nonce, again.hash]).not.toEqual([entry.nonce, entry.hash]);
  const { nonce: _, hash, ...guessed } = entry;
  expect(createHash("sha256").update(canonicalJson(guessed)).digest("hex")).not.toBe(hash);
});

test.each([0, 1, 5])("a log of %i entries holds", async (length) => {
  const log = logOf(length);
  expect(await verify("a", log, headOf(log))).toEqual({});
});

test.each<[string, (log: AuditEntry[]) => AuditEntry[], number, string]>([
  [
    "a changed detail",
    (log) => log.with(2, { ...(log[2] as AuditEntry), detail: {} }),
    3,
    "has another hash than its content",
  ],
  [
    "a changed nonce",
    (log) => log.with(2, { ...(log[2] as AuditEntry), nonce: "0".repeat(32) }),
    3,
    "has another hash than its content",
  ],
  ["an entry that was taken out", (log) => log.toSpliced(1, 1), 2, "is missing; the next that is there is 3"],
  ["the first that was taken out", (log) => log.slice(1), 1, "is missing; the next that is there is 2"],
  ["the last that was taken out", (log) => log.slice(0, -1), 5, "is missing; the log's head is entry 5"],
  ["two that were swapped", (log) => [log[0], log[2], log[1], log[3], log[4]] as AuditEntry[], 2, "is missing"],
  [
    "an entry that was written anew, with its own hash",
    (log) => log.with(2, follow(log[1] as AuditEntry, "a", { name: "InterventionDecided", detail: {} })),
    4,
    "does not follow the hash of entry 3",
  ],
  ["another operator's entry", (log) => log.with(1, logOf(2, "b")[1] as AuditEntry), 2, "is of the operator b"],
  [
    "everything from an entry on written anew",
    (log) => [...log.slice(0, 4), follow(log[3] as AuditEntry, "a", { name: "InterventionDecided", detail: {} })],
    5,
    "is the log's head, with another hash",
  ],
])("a log with %s names its first broken link", async (_, change, sequence, why) => {
  const log = logOf(5);
  expect(await brokenIn(change(log), headOf(log))).toMatchObject({ sequence, why: expect.stringContaining(why) });
});

test("a log with more than its head tells is broken at the head", async () => {
  const log = logOf(5);
  expect(await brokenIn(log, log[2])).toMatchObject({ sequence: 3 });
});

describe("heads that were kept elsewhere", () => {
  const at = "2026-11-26T00:15:00.000Z";
  const log = logOf(5);
  const former = [log[3], log[1]].map((entry) => ({ ...(entry as AuditEntry), at }));
  /** A sound log that is another from an entry on. */
  const anew = (from: number, length: number) => {
    const entries = log.slice(0, from - 1);
    while (entries.length < length) {
      entries.push(follow(entries.at(-1) ?? GENESIS, "a", { name: "InterventionDecided", detail: "forged" }));
    }
    return entries;
  };

  test("are in a log that only grew", async () => {
    expect(await verify("a", log, headOf(log), former)).toEqual({});
  });

  test.each<[string, readonly AuditEntry[], number, string]>([
    ["is another from the first entry on", anew(1, 9), 2, "is another than the head that was anchored"],
    ["is another from between them on", anew(4, 9), 4, "is another than the head that was anchored"],
    ["was cut, with its head", log.slice(0, 3), 4, "is missing; it was the head"],
    ["was emptied, with its head", [], 2, "is missing; it was the head"],
  ])("tell a log that %s", async (_, forged, sequence, why) => {
    expect(await verify("a", forged, headOf(forged))).toEqual({});
    expect((await verify("a", forged, headOf(forged), former)).broken).toEqual({
      ...{ sequence, why: `${why} at ${at}, so the log was written anew or cut` },
    });
  });

  test("tell nothing of what was appended since the last of them", async () => {
    const forged = anew(5, 7);
    expect(await verify("a", forged, headOf(forged), former)).toEqual({});
  });
});
