import { invoke, type State } from "../asl";
import type { RetrainingProps } from "./contract";
import { CONFIGURATION } from "./endpoint";

/**
 * Retires old versions as a whole, never the one that serves. Housekeeping: when it fails, the result stands and the
 * next run prunes again.
 */
export const pruneStates = ({ functions }: RetrainingProps): Record<string, State> => ({
  Prune: {
    ...invoke(
      functions["prune-versions"],
      {
        model: "{% $model %}",
        versions: "{% $this.versions %}",
        prefix: "{% $this.prefix %}",
        serving: "{% $result.status = 'Rejected' ? $served.modelVersion : $plan.runId %}",
        configuration: `{% $result.status = 'Rejected' ? $served.endpointConfigName : ${CONFIGURATION} %}`,
        keep: "{% $this.versionsToKeep %}",
      },
      { Next: "Does it scale?" },
    ),
    Catch: [{ ErrorEquals: ["States.ALL"], Next: "Does it scale?" }],
  },
});
