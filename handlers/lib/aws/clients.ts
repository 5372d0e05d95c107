/**
 * Options of every AWS client: no call may hang. Without `throwOnRequestTimeout` the SDK only logs that a request is
 * late. Connections are kept alive by default.
 */
export function clientOptions({
  timeoutMs,
  maxAttempts,
}: {
  /** For the whole exchange, the response's body apart. */
  readonly timeoutMs: number;
  readonly maxAttempts: number;
}) {
  return {
    maxAttempts,
    requestHandler: {
      connectionTimeout: Math.min(1_000, timeoutMs),
      requestTimeout: timeoutMs,
      throwOnRequestTimeout: true,
    },
  } as const;
}
