import type { ProxyEvent } from "./api-gateway";
import { Refusal } from "./problem";

/** Reads a body of JSON. Throws a `Refusal` when it is none, or has more bytes than `most`. */
export function jsonBody({ body, isBase64Encoded }: ProxyEvent, most: number): unknown {
  const text = isBase64Encoded ? Buffer.from(body ?? "", "base64").toString() : (body ?? "");
  const bytes = Buffer.byteLength(text);
  if (bytes > most) throw new Refusal("too-large", `the body has ${bytes} bytes; send at most ${most}`);
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the body.
    throw new Refusal("bad-request", "the body is not JSON");
  }
}
