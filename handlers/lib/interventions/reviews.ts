import type { State } from "../../../catalogue/interventions/fold";
import { hoursAfter } from "../../../catalogue/interventions/instants";
import type { Policy } from "../../../catalogue/interventions/policy";
import { type DecideReview, PlayerRefused, type Review } from "./player-store";

/** Makes a review that opens at an instant. */
export const opening = (id: string, playerId: string, openedAt: string, { review }: Policy): Review => ({
  id,
  playerId,
  status: "open",
  level: 0,
  openedAt,
  due: hoursAfter(openedAt, review.deadlineHours),
  contested: false,
});

/** Finds the level that a decision leads to. Throws where `change` names none of the policy, or that which is. */
export function levelOf({ verdict, level }: DecideReview, state: State, { levels }: Policy): number {
  if (verdict === "confirm") return state.level;
  if (verdict === "lift") return 0;
  if (level === undefined || levels[level] === undefined || level === state.level) {
    throw new PlayerRefused("wrong-level");
  }
  return level;
}

/** Characters of all that a player says in a review. */
const MOST_CONTEST = 10_000;

/** Keeps what the player says beside what was said before, but for the same once more. */
export function withContest(review: Review, text: string): Review {
  const { contest: before } = review;
  if (before === text || before?.endsWith(`\n\n${text}`)) return review;
  const contest = before === undefined ? text : `${before}\n\n${text}`;
  if (contest.length > MOST_CONTEST) throw new PlayerRefused("contest-too-long");
  return { ...review, contest };
}
