import type { PlayerKey } from "../../../catalogue/interventions/evidence";
import { enforcedAt, type State } from "../../../catalogue/interventions/fold";
import type { Change, Review } from "./player-store";

/** What clients and reviewers are told of players. Who is held out for comparison, they are not: it would spoil that. */

/** Tells what must be enforced of a player at an instant. */
export function restrictionsView(player: PlayerKey, state: State | undefined, at: string) {
  if (!state) return { ...player, level: 0, restrictions: {} };
  const { reasons: _, assessments: __, ...holds } = enforcedAt(state, at);
  return { ...player, ...holds };
}

/** Tells everything that is known of a player at an instant. */
export function playerView(player: PlayerKey, state: State, at: string) {
  const { risk, riskAt, percentile, own, exclusion, review, policy } = state;
  const { reasons, assessments } = enforcedAt(state, at);
  const { marketingConsent, marketingStop, recalled } = state;
  return {
    ...restrictionsView(player, state, at),
    riskGroup: risk,
    ...(riskAt !== undefined && { riskAt }),
    ...(percentile !== undefined && { percentile }),
    models: modelsOf(state),
    reasons,
    assessments,
    declared: {
      limits: own.limits,
      ...(own.asked && { asked: own.asked }),
      ...(exclusion && { selfExclusion: exclusion }),
      ...(marketingConsent !== undefined && { marketingConsent }),
    },
    marketing: { allowed: marketingStop === undefined, ...(marketingStop && { stop: marketingStop }), recalled },
    ...(review && { review }),
    policy,
  };
}

/** Predictions that tell no risk are for marketing, and are told only while that is allowed. */
const modelsOf = ({ models, marketingStop }: State) =>
  Object.entries(models).flatMap(([model, { risk, ...said }]) =>
    risk === undefined && marketingStop ? [] : [{ model, ...said, ...(risk && { riskGroup: risk }) }],
  );

/** Tells an event of a player's history. */
export const changeView = ({ name, detail, audit }: Change) => ({ event: name, ...detail, ...(audit && { audit }) });

/** Tells a review, and whether it should have been decided by now. */
export const reviewView = (review: Review, at: string) => ({
  ...review,
  overdue: review.status === "open" && review.due < at,
});
