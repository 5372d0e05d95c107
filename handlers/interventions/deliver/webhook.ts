import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { WebhookReach } from "../../../contracts/deliveries";
import type { Adapters } from "./adapter";
import { lookupWithin, OutOfReach, requireReach } from "./addresses";
import { type Outcome, outcomeOf } from "./outcome";
import { signedHeaders } from "./signature";

export interface WebhookDeps {
  readonly reach: WebhookReach;
  /** Keys that a delivery's messages are signed with, by its secret: the current one, and the one before while it is valid. */
  readonly keys: (secret: string) => Promise<readonly [Buffer, ...Buffer[]]>;
  /** Milliseconds until a connection must stand. */
  readonly connectMs: number;
  readonly now: () => number;
}

/** Milliseconds and bytes for which the end of an answer is waited for, so that the receiver can write it. */
const ANSWER = { ms: 1_000, bytes: 16_384 };

/** Posts messages to an operator's URL, signed by Standard Webhooks. */
export const webhooks =
  ({ reach, keys, connectMs, now }: WebhookDeps): Adapters["webhook"] =>
  ({ url, secret }) => ({
    send: async (message, signal) => {
      try {
        const target = new URL(url);
        requireReach(reach, target);
        const headers = signedHeaders(message, await keys(secret), now());
        const { status, retryAfter } = await post(target, { headers, body: message.body, reach, connectMs, signal });
        return outcomeOf(status, retryAfter, now());
      } catch (error) {
        return failed(error);
      }
    },
  });

/** Describes an error by its name and code alone: a message may quote an address or what was sent. */
function failed(error: unknown): Outcome {
  if (error instanceof OutOfReach) return { kind: "refused", reason: error.message };
  const { name, code } = error as { readonly name?: string; readonly code?: string };
  return { kind: "failed", reason: `the call failed: ${[name, code].filter(Boolean).join(" ")}` };
}

interface Posted {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly reach: WebhookReach;
  readonly connectMs: number;
  readonly signal: AbortSignal;
}

/** Posts over a connection of its own: one that was kept may have ended while the function was frozen. */
function post(
  target: URL,
  { headers, body, reach, connectMs, signal }: Posted,
): Promise<{ readonly status: number; readonly retryAfter: string | undefined }> {
  const [request, connected] =
    target.protocol === "https:" ? ([requestHttps, "secureConnect"] as const) : ([requestHttp, "connect"] as const);
  return new Promise((resolve, reject) => {
    const call = request(target, {
      method: "POST",
      agent: false,
      lookup: lookupWithin(reach),
      signal,
      headers: {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
        "user-agent": "vwt-webhooks/1",
        ...headers,
      },
    });
    const connecting = setTimeout(() => call.destroy(new ConnectTimeout()), connectMs);
    call.on("socket", (socket) => socket.once(connected, () => clearTimeout(connecting)));
    let answer: { readonly status: number; readonly retryAfter: string | undefined } | undefined;
    call.on("response", (response) => {
      // The status says it all, whatever becomes of the rest.
      answer = { status: response.statusCode ?? 0, retryAfter: response.headers["retry-after"] };
      skip(response);
    });
    call.on("error", (error) => (answer ? resolve(answer) : reject(error)));
    call.on("close", () => {
      clearTimeout(connecting);
      if (answer) resolve(answer);
    });
    call.end(body);
  });
}

class ConnectTimeout extends Error {
  override readonly name = "ConnectTimeout";
}

/** Reads what is left of an answer, within bounds, and forgets it. */
function skip(response: IncomingMessage): void {
  let bytes = 0;
  const late = setTimeout(() => response.destroy(), ANSWER.ms);
  response.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > ANSWER.bytes) response.destroy();
  });
  response.on("error", () => {});
  response.on("close", () => clearTimeout(late));
}
