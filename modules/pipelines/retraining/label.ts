import { RUN_FILES, SPLITS } from "../../../contracts/run-layout";
import { failure, invoke, jsonata, type State, step, task } from "../asl";
import type { RetrainingProps } from "./contract";
import { groundTruthStates, LABELLING_JOB } from "./ground-truth";
import { keyOfRun, ofRun, processingJob } from "./processing";
import { labellingModelStates } from "./train";

/** JSONata condition: what is trained, stopped early and judged on a single label would only then turn out to be worthless. */
const EACH_SPLIT = SPLITS.map(
  (split) =>
    `$rows.${split} > 0 and ($this.task != 'binary' or ($rows.positives.${split} > 0 and $rows.positives.${split} < $rows.${split}))`,
).join(" and ");

const USES = { train: "to train on", validation: "to validate with", test: "to test with" } as const;

/** JSONata expression for a run's rows by split, and those with label 1 where there are labels of two kinds. */
const ROWS_IN_WORDS = SPLITS.map(
  (split) =>
    `$string($rows.${split}) & ' ${USES[split]}' & ($this.task = 'binary' ? ' (' & $string($rows.positives.${split}) & ' with label 1)' : '')`,
).join(" & ', ' & ");

const OF_RUN = { model: "{% $model %}", runId: "{% $plan.runId %}" };

/** Adds up what preprocessing counted, and brings labels to the records that the anchor leaves without one. */
export const labelStates = (props: RetrainingProps): Record<string, State> => {
  const { functions, settings } = props;
  return {
    Tally: step(
      "Preprocess",
      invoke(
        functions["count-labels"],
        {
          ...OF_RUN,
          again: "{% $again %}",
          labelling: "{% $labelling %}",
          requested: "{% $exists($labelling.mode) ? $labelling.mode : null %}",
          toleratedRejectedShare: settings.toleratedRejectedShare,
        },
        {
          Assign: {
            rows: "{% $states.result.Payload.rows %}",
            records: "{% $states.result.Payload.records %}",
            unusable: "{% $states.result.Payload.unusable %}",
            againKey: "{% $states.result.Payload.againKey %}",
            labels: "{% $merge([$states.result.Payload.labelling, {'sources': $states.result.Payload.sources}]) %}",
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
          Condition: "{% $againKey != '' %}",
          Assign: { manifestKey: "{% $againKey %}", again: true },
          Next: "Preprocess",
        },
      ],
      Default: "How to label?",
    },
    "How to label?": {
      Type: "Choice",
      Choices: [
        {
          Condition: "{% $unusable != '' %}",
          Next: "Too many unusable records",
        },
        { Condition: "{% $labels.mode = 'people' %}", Next: "Notify labellers" },
        { Condition: "{% $labels.mode = 'automatic' %}", Next: "Train labelling model" },
        { Condition: "{% $labels.mode = 'ground-truth' %}", Next: "Ground Truth configured?" },
      ],
      Default: "Enough rows?",
    },
    "Too many unusable records": {
      Type: "Pass",
      ...failure(
        "Preprocess",
        "TooManyUnusableRecords",
        `{% $unusable & '. What is wrong with each is under ' & ${keyOfRun("rejected")} %}`,
      ),
    },
    "Ask people": askPeople(functions["ask-labellers"]),
    "Collect labels": step(
      "Collect labels",
      invoke(
        functions["collect-labels"],
        { ...OF_RUN, from: "{% $labels.mode %}", job: `{% ${LABELLING_JOB} %}` },
        {
          Assign: {
            rows: jsonata(`(
            $people := $states.result.Payload;
            $merge([$rows, {
              'train': $rows.train + $people.rows.train,
              'validation': $rows.validation + $people.rows.validation,
              'test': $rows.test + $people.rows.test,
              'positives': {${SPLITS.map((split) => `'${split}': $rows.positives.${split} + $people.positives.${split}`).join(", ")}},
              'unlabelled': $rows.unlabelled - $people.agreed
            }])
          )`),
            labels: "{% $merge([$labels, {'people': $states.result.Payload}]) %}",
          },
          Next: "Enough rows?",
        },
      ),
    ),
    ...groundTruthStates(props),
    ...labellingModelStates(props),
    "Label automatically": step(
      "Label automatically",
      task("sagemaker:createProcessingJob.sync", {
        Arguments: jsonata(
          processingJob(props, {
            suffix: "-l",
            program: "label.py",
            inputs: {
              validation: ofRun("validation"),
              unlabelled: ofRun("unlabelled"),
              model: "$labellingModel",
            },
            outputs: { "output/train": "train", "output/people": RUN_FILES.uncertain, "output/report": "automatic" },
            arguments: "$append($this.labellingArguments, ['--version', $plan.runId])",
          }),
        ),
        Next: "Ask about the rest",
      }),
    ),
    // The run has enough without them, so it does not wait: what people agree on serves the next run.
    "Ask about the rest": step(
      "Ask people",
      invoke(
        functions["ask-labellers"],
        { ...OF_RUN, from: RUN_FILES.uncertain, labelling: "{% $labelling %}" },
        {
          Assign: {
            rows: jsonata(`(
              $automatic := $states.result.Payload.automatic;
              $labelled := $automatic.positive.labelled + $automatic.negative.labelled;
              $merge([$rows, {
                'train': $rows.train + $labelled,
                'positives': $merge([$rows.positives, {'train': $rows.positives.train + $automatic.positive.labelled}]),
                'unlabelled': $rows.unlabelled - $labelled
              }])
            )`),
            labels: jsonata(`$merge([$labels, {
              'automatic': $states.result.Payload.automatic,
              'people': {'asked': $states.result.Payload.asked, 'open': $states.result.Payload.open}
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
          Condition: `{% $rows.train + $rows.validation + $rows.test >= ${settings.minimumRows} and ${EACH_SPLIT} %}`,
          Next: "Choose compute",
        },
        { Condition: "{% $timedOut %}", Next: "Labelling timed out" },
      ],
      Assign: {
        plan: jsonata(`$merge([$plan, {'reason': 'training wants ${settings.minimumRows} labelled rows in all splits'
          & ($this.task = 'binary' ? ', with both labels in each' : '') & '; this run has ' & ${ROWS_IN_WORDS} & '. Records: ' & $records}])`),
      },
      Default: "Skipped",
    },
    "Labelling timed out": {
      Type: "Pass",
      ...failure(
        "Ask people",
        "LabellingTimedOut",
        `{% $string($labels.people.agreed) & ' of ' & $string($labels.people.asked) & ' tasks got a label within ' & $string($labelling.deadlineInSeconds) & ' s, and training wants ${settings.minimumRows} labelled rows in all splits, with both labels in each; later answers serve the next run' %}`,
      ),
    },
  };
};

/** Waits for the answers with a deadline; when it is over, the run goes on with those that came. */
const askPeople = (askLabellers: string): State => {
  const asking = step(
    "Ask people",
    invoke(
      askLabellers,
      {
        ...OF_RUN,
        from: "unlabelled",
        labelling: "{% $labelling %}",
        token: "{% $states.context.Task.Token %}",
      },
      { TimeoutSeconds: "{% $labelling.deadlineInSeconds %}", Next: "Collect labels" },
      "lambda:invoke.waitForTaskToken",
    ),
  );
  const late = { ErrorEquals: ["States.Timeout"], Assign: { timedOut: true }, Next: "Collect labels" };
  return { ...asking, Catch: [late, ...(asking.Catch as object[])] };
};
