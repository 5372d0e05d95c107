import type { LastRun } from "../../../contracts/last-run";
import { jsonata } from "../asl";
import { step } from "../failures";
import { switchEndpointPart } from "../parts/switch-endpoint";
import { verifyPart } from "../parts/verify";
import { task } from "../tasks";
import { type Expression, objectOf } from "../variables";
import type { RetrainingProps } from "./contract";
import { CONFIGURATION, MODEL } from "./names";
import { recordServingPart } from "./reconcile";
import { part, run } from "./variables";

const { modelSettings, request, plan, artefact, judged } = run;

/**
 * JSONata for the guardrails of the update; a roll-back has none, because the alarms may be on for the very model that
 * it replaces.
 */
const GUARDRAILS = `($exists(${request.version}) ? {}.none : ${modelSettings.deployment})`;

/** Makes the endpoint serve a model, and records it only once the endpoint is seen to run it and answers. */
export const promotePart = <Exit extends string>(
  { functions, settings }: RetrainingProps,
  exits: { readonly serves: Exit },
) =>
  part(exits, {
    ...switchEndpointPart(
      { ...settings, configuration: CONFIGURATION, model: MODEL, guardrails: GUARDRAILS },
      { switched: "Probe" },
    ),
    ...verifyPart({ ...settings, probeFunction: functions["probe-endpoint"] }, { verified: "Write serving record" }),
    ...recordServingPart(
      {
        modelVersion: `${plan.runId}`,
        featureHash: `${plan.featureHash}`,
        endpointConfigName: CONFIGURATION,
        modelName: MODEL,
        artefact: `${artefact}`,
      },
      { recorded: exits.serves },
    ),
  });

/** JSONata for the fields of the model's last run. */
const LAST_RUN: Readonly<Record<keyof LastRun, Expression>> = {
  runId: plan.runId,
  startedAt: "$states.context.Execution.StartTime",
  verdict: judged.verdict,
};

/** Records the run, for the next one to know what is new. */
export const recordRunPart = <Exit extends string>(exits: { readonly promoted: Exit; readonly rejected: Exit }) =>
  part(exits, {
    // Only now, because what comes before may fail: the next run must then find the same data new.
    "Record run": step(
      "Record run",
      task("aws-sdk:ssm:putParameter", {
        Arguments: {
          Name: jsonata(modelSettings.lastRunParameter),
          Overwrite: true,
          Value: jsonata(`$string(${objectOf(LAST_RUN)})`),
        },
        Next: "Which verdict?",
      }),
    ),
    "Which verdict?": {
      Type: "Choice",
      Choices: [{ Condition: jsonata(`${judged.verdict} = 'promote'`), Next: exits.promoted }],
      Default: exits.rejected,
    },
  });
