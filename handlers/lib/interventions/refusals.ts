import { LEAST_EXCLUSION_HOURS } from "../../../catalogue/interventions/own";
import { Refusal } from "../http/problem";
import { PlayerRefused } from "./player-store";

const REFUSALS: Readonly<Record<PlayerRefused["reason"], () => Refusal>> = {
  "unknown-review": () => new Refusal("no-such-review", "your operator has no review with this id"),
  "already-decided": () => new Refusal("already-decided", "somebody has decided it, which stands"),
  "needs-another-person": () =>
    new Refusal("needs-another-person", "you have decided; somebody else must decide the same"),
  "wrong-level": () =>
    new Refusal("bad-request", "the decision cannot be used", [
      { pointer: "/level", message: "is no level of the operator's policy, or the one that holds" },
    ]),
  "wrong-currency": () =>
    new Refusal("bad-request", "the declaration cannot be used", [
      { pointer: "/limits", message: "has amounts in another currency than the operator's policy; convert them" },
    ]),
  "exclusion-too-short": () =>
    new Refusal("bad-request", "the declaration cannot be used", [
      {
        pointer: "/selfExclusion/until",
        message: `is less than ${LEAST_EXCLUSION_HOURS} hours to come; send a later instant, null for ever, or limits.coolOffHours for a pause`,
      },
    ]),
  "contest-too-long": () =>
    new Refusal("bad-request", "the contest cannot be kept", [
      { pointer: "/text", message: "is too long beside what the player said before in the same review; leave it out" },
    ]),
  "nothing-to-contest": () => new Refusal("nothing-to-contest", "no intervention holds for the player"),
  contended: () => new Refusal("busy", "others change the same player; send the request again"),
};

/** Turns what the store refuses into what a client is told; throws everything else as it is. */
export function asRefusal(error: unknown): never {
  throw error instanceof PlayerRefused ? REFUSALS[error.reason]() : error;
}
