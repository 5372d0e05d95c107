/** What the main state machine tells people about, in the order of a run. The last five are its ends. */
export const EVENTS = [
  "LabelsWanted",
  "ApprovalWanted",
  "Skipped",
  "Promoted",
  "Rejected",
  "RolledBack",
  "Failed",
] as const;
