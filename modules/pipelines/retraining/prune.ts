import { jsonata } from "../asl";
import { orElse } from "../failures";
import { call } from "./calls";
import type { RetrainingProps } from "./contract";
import { CONFIGURATION } from "./names";
import { part, run } from "./variables";

const { model, modelSettings, plan, served, result } = run;

/**
 * Retires old versions as a whole, never the one that serves. Housekeeping: when it fails, the result stands and the
 * next run prunes again.
 */
export const prunePart = <Exit extends string>({ functions }: RetrainingProps, exits: { readonly pruned: Exit }) =>
  part(exits, {
    Prune: orElse(
      call(
        functions,
        "prune-versions",
        {
          model: jsonata(model),
          versions: jsonata(modelSettings.versions),
          prefix: jsonata(modelSettings.prefix),
          serving: jsonata(`${result.status} = 'Rejected' ? ${served.modelVersion} : ${plan.runId}`),
          configuration: jsonata(`${result.status} = 'Rejected' ? ${served.endpointConfigName} : ${CONFIGURATION}`),
          keep: jsonata(modelSettings.versionsToKeep),
        },
        { Next: exits.pruned },
      ),
      exits.pruned,
    ),
  });
