import type { AddressInfo } from "node:net";
import { receiver, verified } from "../../../docs/examples/receive";
import { keyOf, signedHeaders } from "../../../handlers/interventions/deliver/signature";
import { webhooks } from "../../../handlers/interventions/deliver/webhook";

const SECRET = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
const NEXT = `whsec_${Buffer.alloc(32, 2).toString("base64")}`;
const keys: [Buffer, Buffer] = [keyOf(NEXT), keyOf(SECRET)];
const message = {
  id: "a".repeat(32),
  playerId: "p-1",
  body: JSON.stringify({ type: "InterventionDecided", timestamp: "2026-11-26T00:00:00Z", data: { level: 2 } }),
};

describe("the receiver that docs/deliveries.md shows", () => {
  const handled: unknown[] = [];
  let failing = false;
  const server = receiver(SECRET, async (event) => {
    if (failing) throw new Error("no database");
    handled.push(event);
  });
  let url = "";
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterAll(() => server.close());
  const send = (signedWith: typeof keys | [Buffer]) =>
    webhooks({ reach: "loopback", keys: async () => signedWith, connectMs: 5_000, now: Date.now })({
      ...{ operatorId: "o", name: "wallet", deadLetters: "arn", kind: "webhook", secret: "s" },
      url,
    }).send(message, AbortSignal.timeout(5_000));

  test("takes what we send while secrets change, handles it once, and lets it come again when it fails", async () => {
    failing = true;
    expect(await send(keys)).toEqual({ kind: "failed", reason: "the receiver answered 500" });
    failing = false;
    expect([await send(keys), await send(keys)]).toEqual([{ kind: "delivered" }, { kind: "delivered" }]);
    expect(handled).toEqual([JSON.parse(message.body)]);
    expect(await send([keys[0]])).toEqual({ kind: "failed", reason: "the receiver answered 401" });
  });
});

test("what was changed or is old is not verified", () => {
  const now = Date.UTC(2026, 10, 26);
  const headers = signedHeaders(message, keys, now);
  expect(verified(headers, message.body, SECRET, now + 299_000)).toBe(true);
  expect(verified(headers, message.body, SECRET, now + 301_000)).toBe(false);
  expect(verified(headers, message.body, SECRET, now - 301_000)).toBe(false);
  expect(verified(headers, `${message.body} `, SECRET, now)).toBe(false);
  expect(verified({}, message.body, SECRET, now)).toBe(false);
});
