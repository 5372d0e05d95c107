import type { PlayerStore } from "../../lib/interventions/player-store";
import type { Telemetry } from "../../lib/util/telemetry";

export interface WatchReviewsDeps {
  readonly telemetry: Telemetry;
  readonly store: Pick<PlayerStore, "openReviews">;
  readonly operators: readonly string[];
  readonly now: () => Date;
}

const PAGE = 100;
/** More say no more: nobody reviews. */
const MOST_COUNTED = 1_000;

/** Counts each operator's reviews that nobody has decided in time, on a schedule; an alarm tells people of them. */
export const createHandler =
  ({ telemetry, store, operators, now }: WatchReviewsDeps) =>
  async (): Promise<void> => {
    const at = now().toISOString();
    for (const operator of operators) {
      const overdue = await countOverdue(store, operator, at);
      telemetry.measure("operator", operator, { ReviewsOverdue: overdue });
      if (overdue > 0) telemetry.warn("nobody has decided in time", { operator, overdue });
    }
  };

/** Counts reviews, which come in the order in which they are due, as far as these are before an instant. */
async function countOverdue(store: WatchReviewsDeps["store"], operatorId: string, at: string): Promise<number> {
  let count = 0;
  let after: string | undefined;
  do {
    const { items, next } = await store.openReviews(operatorId, { limit: PAGE, ...(after !== undefined && { after }) });
    const overdue = items.filter(({ due }) => due < at).length;
    count += overdue;
    after = overdue === items.length ? next : undefined;
  } while (after !== undefined && count < MOST_COUNTED);
  return count;
}
