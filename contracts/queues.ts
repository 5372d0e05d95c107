/**
 * Seconds for which a queue before a function keeps a message. The dead-letter queue keeps it for four days longer,
 * because a message has the same age there ("Setting-up dead-letter queue retention", SQS developer guide).
 */
export const KEPT_SECONDS = 10 * 86_400;

/**
 * Seconds after which a message that a function did not handle comes again: Lambda may be throttled while it handles a
 * batch, and its guide advises six times the function's time.
 */
export const visibilityOf = (timeoutInSeconds: number): number => 6 * timeoutInSeconds;
