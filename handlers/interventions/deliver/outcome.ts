/** What became of one attempt to deliver a message. */
export type Outcome =
  | { readonly kind: "delivered" }
  /** The same message may be taken later; `afterSeconds` when the receiver said when. */
  | { readonly kind: "failed"; readonly reason: string; readonly afterSeconds?: number }
  /** The receiver will never take it. */
  | { readonly kind: "refused"; readonly reason: string };

/**
 * The one answer that is for ever (Standard Webhooks, "Delivery success and failure"). Whatever else a receiver says may
 * be the mistake of a release that is mended in an hour.
 */
const GONE = 410;

/** The longest that a receiver may ask us to stay away, in seconds. */
const LONGEST_RETRY_AFTER = 3600;

/**
 * Tells what a webhook's answer means. Redirects are not followed, because a signed message is for the address that the
 * operator gave us; as a page of maintenance may send them, they pass.
 */
export function outcomeOf(status: number, retryAfter: string | undefined, nowMs: number): Outcome {
  const reason = `the receiver answered ${status}`;
  if (status >= 200 && status < 300) return { kind: "delivered" };
  if (status === GONE) return { kind: "refused", reason };
  const afterSeconds = secondsOf(retryAfter, nowMs);
  return { kind: "failed", reason, ...(afterSeconds !== undefined && { afterSeconds }) };
}

/** Reads a `Retry-After`, which is in seconds or a date (RFC 9110, 10.2.3). */
function secondsOf(retryAfter: string | undefined, nowMs: number): number | undefined {
  if (retryAfter === undefined) return undefined;
  const date = /^[A-Z][a-z]{2}, /.test(retryAfter) ? Date.parse(retryAfter) : Number.NaN;
  const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) : (date - nowMs) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(0, Math.ceil(seconds)), LONGEST_RETRY_AFTER);
}
