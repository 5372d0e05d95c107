import { createHmac } from "node:crypto";

/** Prefix of secrets and version of signatures, by Standard Webhooks (https://www.standardwebhooks.com). */
const SECRET = "whsec_";
const VERSION = "v1";
/** Bytes of a secret that the specification allows. */
const BYTES = { least: 24, most: 64 };

/** Decodes a secret, `whsec_` and base64. Throws an error that does not tell what it found. */
export function keyOf(secret: string): Buffer {
  const encoded = secret.startsWith(SECRET) ? secret.slice(SECRET.length) : "";
  const key = Buffer.from(encoded, "base64");
  // Node's decoder leaves out what is no base64.
  const whole = key.toString("base64").replace(/=+$/, "") === encoded.replace(/=+$/, "");
  if (!whole || key.length < BYTES.least || key.length > BYTES.most) {
    throw new Error(`The secret must be "${SECRET}" and ${BYTES.least} to ${BYTES.most} bytes in base64`);
  }
  return key;
}

/**
 * Makes the headers by which a receiver knows who sent a message, that nobody changed it, and when. A receiver needs one
 * of the keys: with two, it changes from one to the other whenever it likes.
 */
export function signedHeaders(
  { id, body }: { readonly id: string; readonly body: string },
  keys: readonly [Buffer, ...Buffer[]],
  nowMs: number,
): Readonly<Record<"webhook-id" | "webhook-timestamp" | "webhook-signature", string>> {
  const seconds = String(Math.floor(nowMs / 1000));
  const signature = (key: Buffer) =>
    `${VERSION},${createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64")}`;
  return {
    "webhook-id": id,
    "webhook-timestamp": seconds,
    "webhook-signature": keys.map(signature).join(" "),
  };
}
