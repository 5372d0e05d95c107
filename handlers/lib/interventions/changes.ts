import { isDeepStrictEqual } from "node:util";
import type { Evidence, PlayerKey } from "../../../catalogue/interventions/evidence";
import { type Enforced, enforced, type State } from "../../../catalogue/interventions/fold";
import type { EventDetail } from "../../../contracts/events";
import { idOf } from "./items";
import type { Change } from "./player-store";

type Cause = EventDetail<"InterventionDecided">["cause"];

/** What an intervention is said to come of; where evidence of several kinds came at once, the first of them. */
const CAUSES: readonly (readonly [Evidence["kind"], Cause])[] = [
  ["decision", "review"],
  ["contest", "contest"],
  ["declaration", "declaration"],
  ["assessment", "assessment"],
];

/** Kinds of evidence that go on record also when nothing changes by them. */
const ALWAYS: readonly Evidence["kind"][] = ["decision", "contest"];

export interface Told {
  readonly player: PlayerKey;
  readonly before: State | undefined;
  readonly after: State;
  /** The new entries. */
  readonly entries: readonly Evidence[];
  /** Sequence of the player's last change. */
  readonly last: number;
  /** RFC 3339; now. */
  readonly at: string;
}

/** Says whether what is enforced, or why nobody is, differs. */
export const differs = (before: State | undefined, after: State): boolean =>
  !isDeepStrictEqual(told(before), told(after));

/** What of it makes an event when it changes. A self-exclusion that ended is told with the next evidence. */
function told(state: State | undefined) {
  const { level, restrictions, ownLimits, coolOffUntil, exclusionUntil } = holdsIn(state);
  return [level, restrictions, ownLimits, coolOffUntil, exclusionUntil];
}

const NOTHING: Omit<Enforced, "since"> = { level: 0, restrictions: {}, reasons: [], assessments: [] };
const holdsIn = (state: State | undefined): Omit<Enforced, "since"> => (state ? enforced(state) : NOTHING);

/** Makes the events of a change: what is enforced now, and which predictions may be used no more. */
export function changesOf({ player, before, after, entries, last, at }: Told): readonly Change[] {
  const changes: Change[] = [];
  const about = (name: Change["name"]) => ({
    version: 1 as const,
    id: idOf(name, player.operatorId, player.playerId, last + changes.length + 1),
    at,
    ...player,
  });
  const kinds = new Set(entries.map(({ kind }) => kind));
  if (differs(before, after) || ALWAYS.some((kind) => kinds.has(kind))) {
    const { level: previousLevel } = holdsIn(before);
    const { reasons, assessments, ...holds } = enforced(after);
    const name = previousLevel === 0 && holds.level > 0 ? "InterventionDecided" : "InterventionChanged";
    const review = after.review?.id ?? entries.findLast((entry) => entry.kind === "decision")?.review;
    const detail = {
      ...about(name),
      sequence: last + 1,
      cause: CAUSES.find(([kind]) => kinds.has(kind))?.[1] ?? "assessment",
      ...holds,
      previousLevel,
      reasons: [...reasons],
      assessments: [...assessments],
      policy: after.policy,
      ...(review !== undefined && { review }),
    };
    changes.push({ name, detail });
  }
  const known = new Set(before?.recalled);
  const recalls = after.recalled.filter((id) => !known.has(id));
  // One that comes late, of before a stop that is over, is recalled nevertheless: no later stop would tell of it.
  const { lastMarketingStop: cause } = after;
  if (cause && recalls.length > 0) {
    changes.push({
      name: "MarketingSuppressed",
      detail: { ...about("MarketingSuppressed"), cause, recalls },
    });
  }
  return changes;
}
