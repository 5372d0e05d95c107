import { RUN_STATUSES } from "./run-result";
import { SCORING_EVENTS } from "./scoring-result";

/** Events that state machines tell people, in the order of a run: that they are wanted, and how it ended. */
export const EVENTS = ["LabelsWanted", "ApprovalWanted", ...RUN_STATUSES, ...SCORING_EVENTS] as const;
export type NotificationEvent = (typeof EVENTS)[number];

/** Events that say that all is as it should be, of which nobody gets mail who does not ask for it. */
export const USUAL: readonly NotificationEvent[] = ["Skipped", "Scored"];
