import { JOBS } from "../../../contracts/jobs";
import { OUT_OF_TIME } from "../../../contracts/run-layout";
import { jsonata } from "../asl";
import { step } from "../failures";
import { processingJob } from "../parts/processing-job";
import { ofRun } from "../parts/run-folder";
import { task } from "../tasks";
import { call, returned } from "./calls";
import type { RetrainingProps } from "./contract";
import { part, run } from "./variables";

const { model, modelSettings, plan, artefact } = run;

/** Scores candidate and champion on the same held-out rows, and judges the candidate by the gate's rules. */
export const evaluatePart = <Exit extends string>(
  { functions, keyArn, settings }: RetrainingProps,
  exits: { readonly judged: Exit },
) =>
  part(exits, {
    Evaluate: step(
      "Evaluate",
      task("sagemaker:createProcessingJob.sync", {
        Arguments: jsonata(
          processingJob({
            suffix: "",
            name: "evaluate",
            inputs: {
              test: ofRun("test"),
              validation: ofRun("validation"),
              context: ofRun("context"),
              outOfTime: ofRun(OUT_OF_TIME),
              records: ofRun("records"),
              candidate: artefact,
              champion: plan.champion.artefact,
            },
            arguments: `$append(${modelSettings.evaluationArguments}, [
              '${JOBS.evaluate.options.candidateVersion}', ${plan.runId},
              '${JOBS.evaluate.options.championVersion}', ${plan.champion.modelVersion},
              '${JOBS.evaluate.options.layout}', ${plan.featureHash},
              '${JOBS.evaluate.options.championLayout}', ${plan.champion.featureHash}
            ])`,
            instanceType: settings.evaluationInstanceType,
            keyArn,
          }),
        ),
        Next: "Judge candidate",
      }),
    ),
    "Judge candidate": step(
      "Judge candidate",
      call(
        functions,
        "judge-candidate",
        {
          model: jsonata(model),
          runId: jsonata(plan.runId),
          rules: jsonata(modelSettings.gate),
          undecided: jsonata(modelSettings.undecided),
        },
        { Assign: { judged: jsonata(returned("judge-candidate")) }, Next: exits.judged },
      ),
    ),
  });
