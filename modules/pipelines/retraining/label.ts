import type { LabellingMode } from "../../../catalogue/labelling/modes";
import { JOBS } from "../../../contracts/jobs";
import { RUN_FILES, SPLITS } from "../../../contracts/run-layout";
import { jsonata } from "../asl";
import { failure, step } from "../failures";
import { publish } from "../parts/notify";
import { processingJob } from "../parts/processing-job";
import { keyOfRun, ofRun } from "../parts/run-folder";
import { trainLabellingModelPart } from "../parts/train";
import { invokeAndWait, task } from "../tasks";
import { call, type Payload, returned } from "./calls";
import type { RetrainingProps } from "./contract";
import { groundTruthPart, LABELLING_JOB } from "./ground-truth";
import { part, run } from "./variables";

const { model, modelSettings, request, plan, again, againKey } = run;
const { rows, records, unusable, oneSided, labellingSettings, labelling, labellingModel, timedOut } = run;

const OF_RUN = { model: jsonata(model), runId: jsonata(plan.runId) };

const counted = returned("count-labels");

/** Adds up what was counted when the rows were prepared, and has groups prepared again for which all of them together tell more. */
export const countLabelsPart = <Exit extends string>(
  { functions, settings }: RetrainingProps,
  exits: { readonly counted: Exit; readonly again: Exit },
) =>
  part(exits, {
    "Count labels": step(
      "Count labels",
      call(
        functions,
        "count-labels",
        {
          ...OF_RUN,
          again: jsonata(again),
          labelling: jsonata(labellingSettings),
          requested: jsonata(`$exists(${labellingSettings.mode}) ? ${labellingSettings.mode} : null`),
          toleratedRejectedShare: settings.toleratedRejectedShare,
          oneSided: jsonata(modelSettings.oneSided),
        },
        {
          Assign: {
            rows: jsonata(counted.rows),
            records: jsonata(counted.records),
            unusable: jsonata(counted.unusable),
            oneSided: jsonata(counted.oneSided),
            againKey: jsonata(counted.againKey),
            labelling: jsonata(`$merge([${counted.labelling}, {'sources': ${counted.sources}}])`),
            timedOut: false,
            attempt: 1,
          },
          Next: "Records twice?",
        },
      ),
    ),
    "Records twice?": {
      Type: "Choice",
      Choices: [
        {
          Condition: jsonata(`${againKey} != ''`),
          Assign: { manifestKey: jsonata(againKey), again: true },
          Next: exits.again,
        },
      ],
      Default: exits.counted,
    },
  });

/**
 * JSONata condition: each split has rows, and where labels are of two kinds, both. What is trained, stopped early and
 * judged on a single label would only then turn out to be worthless.
 */
const EACH_SPLIT = SPLITS.map(
  (split) =>
    `${rows[split]} > 0 and (${modelSettings.task} != 'binary' or (${rows.positives[split]} > 0 and ${rows.positives[split]} < ${rows[split]}))`,
).join(" and ");

const USES = { train: "to train on", validation: "to validate with", test: "to test with" } as const;

/** JSONata for a run's rows by split, and those with label 1 where there are labels of two kinds. */
const ROWS_OF_SPLITS = SPLITS.map(
  (split) =>
    `$string(${rows[split]}) & ' ${USES[split]}' & (${modelSettings.task} = 'binary' ? ' (' & $string(${rows.positives[split]}) & ' with label 1)' : '')`,
).join(" & ', ' & ");

/** JSONata for these with the rows of the second test, which the splits lack. */
const ROWS_IN_WORDS = `${ROWS_OF_SPLITS}
          & (${rows.outOfTime} > 0 ? ', and ' & $string(${rows.outOfTime}) & ' of the latest time, which are only tested with' : '')`;

const isMode = (mode: LabellingMode) => jsonata(`${labelling.mode} = '${mode}'`);

const collected = returned("collect-labels");
const asked = returned("ask-labellers");

/** Brings labels to the records without an outcome label: by people, by a model that is sure, or by Ground Truth. */
export const labelPart = <Exit extends string>(
  { functions, settings, keyArn, ...props }: RetrainingProps,
  exits: { readonly labelled: Exit; readonly tooFew: Exit },
) =>
  part(exits, {
    "How to label?": {
      Type: "Choice",
      Choices: [
        { Condition: jsonata(`${unusable} != ''`), Next: "Too many unusable records" },
        { Condition: jsonata(`${oneSided} != ''`), Next: "One-sided labels" },
        {
          Condition: jsonata(
            `${request.trigger} = 'alarm' and $not(${request.force} = true) and ${rows.newlyLabelled} + ${plan.newLabels} = 0`,
          ),
          Assign: {
            skipped: jsonata(
              `'an alarm asks for new labels, and there are none since the last run. Records: ' & ${records}`,
            ),
          },
          Next: exits.tooFew,
        },
        { Condition: isMode("people"), Next: "Notify labellers" },
        { Condition: isMode("automatic"), Next: "Train labelling model" },
        { Condition: isMode("ground-truth"), Next: "Ground Truth configured?" },
      ],
      Default: "Enough rows?",
    },
    "Too many unusable records": {
      Type: "Pass",
      ...failure(
        "Prepare rows",
        "TooManyUnusableRecords",
        jsonata(`${unusable} & '. What is wrong with each is under ' & ${keyOfRun("rejected")}`),
      ),
    },
    "One-sided labels": { Type: "Pass", ...failure("Count labels", "OneSidedLabels", jsonata(oneSided)) },
    "Notify labellers": publish(
      props,
      "'LabelsWanted'",
      `{'runId': ${plan.runId}, 'reason': ${labelling.reason}, 'unlabelled': ${rows.unlabelled}, 'withinSeconds': ${labellingSettings.deadlineInSeconds}}`,
      "Ask people",
    ),
    // Waits for the answers with a deadline; when it is over, the run goes on with those that came.
    "Ask people": step(
      "Ask people",
      invokeAndWait(
        functions["ask-labellers"],
        {
          ...OF_RUN,
          from: "unlabelled",
          labelling: jsonata(labellingSettings),
        } satisfies Payload<"ask-labellers">,
        { TimeoutSeconds: jsonata(labellingSettings.deadlineInSeconds), Next: "Collect labels" },
      ),
      "Failed",
      [{ ErrorEquals: ["States.Timeout"], Assign: { timedOut: true }, Next: "Collect labels" }],
    ),
    ...groundTruthPart({ functions, keyArn }, { answered: "Collect labels" }),
    "Collect labels": step(
      "Collect labels",
      call(
        functions,
        "collect-labels",
        { ...OF_RUN, from: jsonata(labelling.mode), job: jsonata(LABELLING_JOB), rows: jsonata(rows) },
        {
          Assign: {
            rows: jsonata(collected.rows),
            labelling: jsonata(`$merge([${labelling}, {'people': ${collected.people}}])`),
          },
          Next: "Enough rows?",
        },
      ),
    ),
    ...trainLabellingModelPart({ keyArn }, { trained: "Label automatically" }),
    "Label automatically": step(
      "Label automatically",
      task("sagemaker:createProcessingJob.sync", {
        Arguments: jsonata(
          processingJob({
            suffix: "-l",
            name: "label",
            inputs: {
              validation: ofRun("validation"),
              unlabelled: ofRun("unlabelled"),
              model: labellingModel,
            },
            arguments: `$append(${modelSettings.labellingArguments}, ['${JOBS.label.options.version}', ${plan.runId}])`,
            instanceType: settings.evaluationInstanceType,
            keyArn,
          }),
        ),
        Next: "Ask about the rest",
      }),
    ),
    // The run has enough without them, so it does not wait: what people agree on serves the next run.
    "Ask about the rest": step(
      "Ask people",
      call(
        functions,
        "ask-labellers",
        { ...OF_RUN, from: RUN_FILES.uncertain, labelling: jsonata(labellingSettings), rows: jsonata(rows) },
        {
          Assign: {
            rows: jsonata(asked.rows),
            labelling: jsonata(`$merge([${labelling}, {
              'automatic': ${asked.automatic},
              'people': {'asked': ${asked.asked}, 'open': ${asked.open}}
            }])`),
          },
          Next: "Enough rows?",
        },
      ),
    ),
    "Enough rows?": {
      Type: "Choice",
      Choices: [
        {
          Condition: jsonata(
            `${rows.train} + ${rows.validation} + ${rows.test} >= ${settings.minimumRows} and ${EACH_SPLIT}`,
          ),
          Next: exits.labelled,
        },
        { Condition: jsonata(timedOut), Next: "Labelling timed out" },
      ],
      Assign: {
        skipped: jsonata(`'training wants ${settings.minimumRows} labelled rows in all splits'
          & (${modelSettings.task} = 'binary' ? ', with both labels in each' : '') & '; this run has ' & ${ROWS_IN_WORDS} & '. Records: ' & ${records}`),
      },
      Default: exits.tooFew,
    },
    "Labelling timed out": {
      Type: "Pass",
      ...failure(
        "Ask people",
        "LabellingTimedOut",
        jsonata(
          `$string(${labelling.people.agreed}) & ' of ' & $string(${labelling.people.asked}) & ' tasks got a label within ' & $string(${labellingSettings.deadlineInSeconds}) & ' s, and training wants ${settings.minimumRows} labelled rows in all splits, with both labels in each; later answers serve the next run'`,
        ),
      ),
    },
  });
