import { invoke, type State } from "./asl";
import type { RetrainingProps } from "./contract";

/**
 * Retires old versions as a whole, never the one that serves. Housekeeping: when it fails, the result stands and the
 * next run prunes again.
 */
export const pruneStates = ({ pruneFunction }: RetrainingProps): Record<string, State> => ({
  Prune: {
    ...invoke(
      pruneFunction,
      {
        model: "{% $model %}",
        versions: "{% $this.versions %}",
        prefix: "{% $this.prefix %}",
        serving: "{% $result.status = 'Rejected' ? $plan.champion.modelVersion : $plan.runId %}",
        keep: "{% $this.versionsToKeep %}",
      },
      { Next: "Release" },
    ),
    Catch: [{ ErrorEquals: ["States.ALL"], Next: "Release" }],
  },
});
