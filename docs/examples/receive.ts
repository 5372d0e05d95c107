// Receives events and verifies them by Standard Webhooks; libraries for other languages: https://www.standardwebhooks.com
// VWT_SECRET=whsec_… PORT=8080 npx tsx docs/examples/receive.ts
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { text } from "node:stream/consumers";

/** Tells whether a message is from the framework, unchanged, and no older or newer than five minutes. */
export function verified(headers: IncomingHttpHeaders, body: string, secret: string, nowMs = Date.now()): boolean {
  const { "webhook-id": id, "webhook-timestamp": seconds, "webhook-signature": signatures = "" } = headers;
  if (!(Math.abs(nowMs / 1000 - Number(seconds)) <= 300)) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const expected = createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest();
  // There are two while the secret is changed.
  return String(signatures)
    .split(" ")
    .some((signature) => {
      const [version, value = ""] = signature.split(",");
      const found = Buffer.from(value, "base64");
      return version === "v1" && found.length === expected.length && timingSafeEqual(found, expected);
    });
}

/** Makes a server that hands each event over once. Keep the ids where your data are, so that a restart forgets none. */
export function receiver(secret: string, handle: (event: { type: string; data: unknown }) => Promise<void>): Server {
  const known = new Set<string>();
  return createServer(async (request, response) => {
    // The body as it came: JSON that was parsed and written again has another signature.
    const body = await text(request);
    if (!verified(request.headers, body, secret)) return response.writeHead(401).end();
    const id = String(request.headers["webhook-id"]);
    try {
      if (!known.has(id)) await handle(JSON.parse(body));
      known.add(id);
      return response.writeHead(204).end();
    } catch {
      // It comes again.
      return response.writeHead(500).end();
    }
  });
}

if (require.main === module) {
  const { VWT_SECRET = "", PORT = "8080" } = process.env;
  receiver(VWT_SECRET, async ({ type, data }) => console.log(type, data)).listen(Number(PORT));
}
