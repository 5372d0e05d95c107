import { RUN_STATUSES } from "./run-result";

/** Events that the main state machine tells people, in the order of a run: that they are wanted, and how it ended. */
export const EVENTS = ["LabelsWanted", "ApprovalWanted", ...RUN_STATUSES] as const;
export type NotificationEvent = (typeof EVENTS)[number];
