import { Webhook } from "standardwebhooks";
import { keyOf, signedHeaders } from "../../../../../handlers/interventions/deliver/signature";

/** Of the specification's reference libraries: https://github.com/standard-webhooks/standard-webhooks. */
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

test("a message is signed as the specification's libraries sign it", () => {
  const signed = signedHeaders(
    { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", body: '{"test": 2432232314}' },
    [keyOf(SECRET)],
    1614265330_999,
  );
  expect(signed).toEqual({
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  });
});

describe("the specification's library for JavaScript", () => {
  const now = Date.now();
  const message = { id: "0".repeat(32), body: JSON.stringify({ data: "Zoë 🎲" }) };
  const verify = (secret: string, headers: object, body = message.body) =>
    new Webhook(secret).verify(body, headers as Record<string, string>);

  test.each([
    ["current", SECRET],
    ["previous", OTHER],
  ])("verifies with the %s of two keys", (_, secret) => {
    const headers = signedHeaders(message, [keyOf(SECRET), keyOf(OTHER)], now);
    expect(headers["webhook-signature"].split(" ")).toHaveLength(2);
    expect(verify(secret, headers)).toEqual({ data: "Zoë 🎲" });
  });

  test("refuses what was changed, is old, or is signed with another key", () => {
    const headers = signedHeaders(message, [keyOf(SECRET)], now);
    expect(() => verify(SECRET, headers, '{"data":"Zoe"}')).toThrow("No matching signature");
    expect(() => verify(SECRET, { ...headers, "webhook-id": "1".repeat(32) })).toThrow("No matching signature");
    expect(() => verify(OTHER, headers)).toThrow("No matching signature");
    expect(() => verify(SECRET, signedHeaders(message, [keyOf(SECRET)], now - 600_000))).toThrow("too old");
  });
});

test.each([
  ["", "nothing"],
  ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "no prefix"],
  [`whsec_${Buffer.alloc(23).toString("base64")}`, "too short"],
  [`whsec_${Buffer.alloc(65).toString("base64")}`, "too long"],
  ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa!!", "no base64"],
])("%j is no secret: %s", (secret) => {
  expect(() => keyOf(secret)).toThrow('The secret must be "whsec_" and 24 to 64 bytes in base64');
});
