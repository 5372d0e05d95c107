import { outcomeOf } from "../../../../../handlers/interventions/deliver/outcome";
import { keyOf } from "../../../../../handlers/interventions/deliver/signature";
import { webhooks } from "../../../../../handlers/interventions/deliver/webhook";
import { type Behaviour, type Receiver, startReceiver } from "../../../../e2e/setup/receiver";

const NOW = Date.UTC(2026, 10, 26);

describe("an answer", () => {
  const of = (status: number, retryAfter?: string) => outcomeOf(status, retryAfter, NOW);

  test.each([200, 201, 204, 299])("%d is a delivery", (status) => {
    expect(of(status)).toEqual({ kind: "delivered" });
  });
  test.each([
    ...[301, 302, 307, 308, 500, 502, 503, 504, 599],
    ...[400, 401, 403, 404, 405, 408, 409, 413, 422, 425, 429, 451],
  ])("%d may be another one later", (status) => {
    expect(of(status)).toEqual({ kind: "failed", reason: `the receiver answered ${status}` });
  });
  test("410 is for ever, as Standard Webhooks says, and nothing else is", () => {
    const statuses = Array.from({ length: 500 }, (_, index) => 100 + index);
    expect(statuses.filter((status) => of(status).kind === "refused")).toEqual([410]);
  });
  test.each([
    ["120", 120],
    ["0", 0],
    ["999999999", 3600],
    ["Thu, 26 Nov 2026 00:02:00 GMT", 120],
    ["Wed, 25 Nov 2026 00:00:00 GMT", 0],
    ["soon", undefined],
    ["-5", undefined],
  ])("says by Retry-After %j to come again after %s seconds", (retryAfter, afterSeconds) => {
    expect(of(429, retryAfter)).toEqual({
      kind: "failed",
      reason: "the receiver answered 429",
      ...(afterSeconds !== undefined && { afterSeconds }),
    });
  });
});

describe("a call", () => {
  const keys: [Buffer] = [keyOf(`whsec_${Buffer.alloc(32, 1).toString("base64")}`)];
  const message = { id: "a".repeat(32), playerId: "p-1", body: '{"type":"InterventionDecided"}' };
  const deps = { reach: "loopback", keys: async () => keys, connectMs: 2_000, now: () => NOW } as const;
  const about = { operatorId: "o", name: "wallet", deadLetters: "arn", kind: "webhook", secret: "s" } as const;
  let receiver: Receiver;
  const send = (url = receiver.url, { changed = {}, ms = 2_000 }: { changed?: object; ms?: number } = {}) =>
    webhooks({ ...deps, ...changed })({ ...about, url }).send(message, AbortSignal.timeout(ms));

  beforeAll(async () => {
    receiver = await startReceiver();
  });
  beforeEach(() => receiver.reset());
  afterAll(() => receiver.close());

  test("brings the message with its signature", async () => {
    expect(await send()).toEqual({ kind: "delivered" });
    expect(receiver.calls).toEqual([
      expect.objectContaining({
        path: "/webhooks",
        body: message.body,
        headers: expect.objectContaining({
          "content-type": "application/json",
          "webhook-id": message.id,
          "webhook-timestamp": String(NOW / 1000),
          "webhook-signature": expect.stringMatching(/^v1,[A-Za-z0-9+/]{43}=$/),
        }),
      }),
    ]);
  });

  test.each<[string, Behaviour, object]>([
    ["hangs", "hangs", { kind: "failed", reason: "the call failed: AbortError ABORT_ERR" }],
    ["breaks off", "breaks off", { kind: "failed", reason: "the call failed: Error ECONNRESET" }],
    ["fails", { status: 500, body: "secret" }, { kind: "failed", reason: "the receiver answered 500" }],
    ["is gone", { status: 410 }, { kind: "refused", reason: "the receiver answered 410" }],
    [
      "has too much to do",
      { status: 429, headers: { "retry-after": "7" } },
      { kind: "failed", reason: "the receiver answered 429", afterSeconds: 7 },
    ],
  ])("to a receiver that %s", async (_, behaviour, outcome) => {
    receiver.next(behaviour);
    expect(await send(receiver.url, { ms: behaviour === "hangs" ? 50 : 2_000 })).toEqual(outcome);
  });

  test("follows no redirect", async () => {
    receiver.next({ status: 307, headers: { location: `${receiver.url}/elsewhere` } });
    expect(await send()).toEqual({ kind: "failed", reason: "the receiver answered 307" });
    expect(receiver.calls).toHaveLength(1);
  });

  test.each<Behaviour>(["trickles", "floods"])("ends with the status of a receiver that %s", async (behaviour) => {
    receiver.next(behaviour);
    expect(await send(receiver.url, { ms: 20 * (behaviour === "trickles" ? 10 : 100) })).toEqual({ kind: "delivered" });
  });

  test("that nobody answers fails", async () => {
    const gone = await startReceiver();
    await gone.close();
    expect(await send(gone.url)).toEqual({ kind: "failed", reason: "the call failed: Error ECONNREFUSED" });
  });

  test("without a key is not made", async () => {
    const keys = async () => {
      throw new Error("whsec_quoted");
    };
    expect(await send(receiver.url, { changed: { keys } })).toEqual({
      kind: "failed",
      reason: "the call failed: Error",
    });
    expect(receiver.calls).toEqual([]);
  });

  test("to this machine is refused where the internet is meant", async () => {
    const internet = { changed: { reach: "internet" } };
    expect(await send(receiver.url, internet)).toEqual({ kind: "refused", reason: "only https is spoken" });
    const refused = { kind: "refused", reason: "the host's address may not be called" };
    expect(await send(receiver.url.replace("http", "https"), internet)).toEqual(refused);
    // A name that is this machine's own.
    expect(await send(receiver.url.replace("http://127.0.0.1", "https://localhost"), internet)).toEqual(refused);
    expect(receiver.calls).toEqual([]);
  });
});
