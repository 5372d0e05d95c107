import { jsonata } from "../asl";
import { step } from "../failures";
import { call, returned } from "./calls";
import type { RetrainingProps } from "./contract";
import { part, run } from "./variables";

const { model, modelSettings, request, plan } = run;

/** Finds the data to train on, and ends the run when there is none. */
export const planPart = <Exit extends string>(
  { functions }: RetrainingProps,
  exits: { readonly planned: Exit; readonly nothing: Exit },
) =>
  part(exits, {
    Plan: step(
      "Plan",
      call(
        functions,
        "plan",
        {
          model: jsonata(model),
          execution: "{% $states.context.Execution.Name %}",
          startedAt: "{% $states.context.Execution.StartTime %}",
          force: jsonata(`${request.force} = true`),
          limits: jsonata(modelSettings.limits),
        },
        {
          Assign: { plan: jsonata(returned("plan")), deployment: jsonata(returned("plan").runId) },
          Next: "Anything to train on?",
        },
      ),
    ),
    "Anything to train on?": {
      Type: "Choice",
      Choices: [
        {
          Condition: jsonata(`${plan.decision} = 'train'`),
          Assign: { manifestKey: jsonata(plan.manifestKey), again: false },
          Next: exits.planned,
        },
      ],
      Assign: { skipped: jsonata(plan.reason) },
      Default: exits.nothing,
    },
  });
