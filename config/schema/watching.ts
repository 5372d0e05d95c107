/** Says how the main state machine watches an endpoint, so that its cost in a history is known before it runs. */
export const WATCHING = {
  /** A run looks on for this many deadlines: SageMaker bounds a guarded update by one, and its roll-back takes longer. */
  patience: 4,
  /** Looks after the first deadline are this many times as far apart. */
  slower: 10,
} as const;

/** Events of a look in the history: those of a Wait, a Task and a Choice. */
const EVENTS_OF_A_LOOK = 9;

/** Events of all other states of one model's run at the most, each once. */
const EVENTS_OF_A_RUN = 600;

/** Events after which an execution fails: "the maximum number of events in an execution's history" (quotas). */
export const MOST_EVENTS = 25_000;

/**
 * Bounds the events in the history of an execution that retrains `models` models: each watches its endpoint before the
 * update, after it, before the champion is restored, and after that.
 */
export function eventsOfExecution(models: number, deadlineInSeconds: number, pollInSeconds: number): number {
  const looks = Math.ceil((deadlineInSeconds / pollInSeconds) * (1 + (WATCHING.patience - 1) / WATCHING.slower));
  return models * (EVENTS_OF_A_RUN + 4 * looks * EVENTS_OF_A_LOOK);
}
