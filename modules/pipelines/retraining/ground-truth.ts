import { RUN_FILES } from "../../../contracts/run-layout";
import { jsonata } from "../asl";
import { failure, step } from "../failures";
import { ofRun } from "../parts/run-folder";
import { task } from "../tasks";
import { call } from "./calls";
import type { RetrainingProps } from "./contract";
import { part, run } from "./variables";

const { model, modelSettings, plan, labellingSettings } = run;

const FOLDER = RUN_FILES.groundTruth;

/** JSONata for the name of the labelling job. */
export const LABELLING_JOB = `${modelSettings.prefix} & '-' & ${plan.runId} & '-g'`;

/** Labels by SageMaker Ground Truth, for accounts that have it: it takes no new customers since 2026-07-30. */
export const groundTruthPart = <Exit extends string>(
  { functions, keyArn }: Pick<RetrainingProps, "functions" | "keyArn">,
  exits: { readonly answered: Exit },
) =>
  part(exits, {
    "Ground Truth configured?": {
      Type: "Choice",
      Choices: [{ Condition: jsonata(`$exists(${labellingSettings.groundTruth})`), Next: "Check work team" }],
      Default: "Ground Truth not configured",
    },
    "Ground Truth not configured": {
      Type: "Pass",
      ...failure(
        "Check work team",
        "GroundTruthNotConfigured",
        'The model has no work team: set retraining.labelling.groundTruth, or label with provider "own"',
      ),
    },
    // Before anything is asked, because an account without Ground Truth would fail only at the job.
    "Check work team": {
      ...task("aws-sdk:sagemaker:describeWorkteam", {
        Arguments: { WorkteamName: jsonata(`$split(${labellingSettings.groundTruth.workteamArn}, '/')[-1]`) },
        Next: "Write labelling manifest",
      }),
      Catch: [
        {
          ErrorEquals: ["States.ALL"],
          ...failure(
            "Check work team",
            "GroundTruthUnavailable",
            "{% 'This account cannot use the work team; Ground Truth takes no new customers since 2026-07-30. Label with provider \"own\" instead. SageMaker says: ' & $states.errorOutput.Cause %}",
          ),
        },
      ],
    },
    "Write labelling manifest": step(
      "Write labelling manifest",
      call(
        functions,
        "ask-labellers",
        {
          model: jsonata(model),
          runId: jsonata(plan.runId),
          from: "unlabelled",
          to: "ground-truth",
          labelling: jsonata(labellingSettings),
        },
        { Next: "Label with Ground Truth" },
      ),
    ),
    "Label with Ground Truth": step(
      "Label with Ground Truth",
      task("sagemaker:createLabelingJob.sync", {
        Arguments: jsonata(`{
          'LabelingJobName': ${LABELLING_JOB},
          'LabelAttributeName': 'answer',
          'RoleArn': ${modelSettings.trainingJob.RoleArn},
          'Tags': ${modelSettings.trainingJob.Tags},
          'InputConfig': {'DataSource': {'S3DataSource': {'ManifestS3Uri': ${ofRun(FOLDER)} & 'input.manifest'}}},
          'OutputConfig': {'S3OutputPath': ${ofRun(`${FOLDER}/output`)}, 'KmsKeyId': '${keyArn}'},
          'LabelCategoryConfigS3Uri': ${ofRun(FOLDER)} & 'categories.json',
          'HumanTaskConfig': {
            'WorkteamArn': ${labellingSettings.groundTruth.workteamArn},
            'UiConfig': {'UiTemplateS3Uri': ${ofRun(FOLDER)} & 'template.liquid.html'},
            'PreHumanTaskLambdaArn': ${labellingSettings.groundTruth.preHumanTaskLambdaArn},
            'TaskTitle': 'Is this problem gambling?',
            'TaskDescription': 'Judge from what is known of a player whether they have a gambling problem.',
            'NumberOfHumanWorkersPerDataObject': ${labellingSettings.mostVotes},
            'TaskTimeLimitInSeconds': 3600,
            'AnnotationConsolidationConfig': {
              'AnnotationConsolidationLambdaArn': ${labellingSettings.groundTruth.consolidationLambdaArn}
            }
          }
        }`),
        TimeoutSeconds: jsonata(labellingSettings.deadlineInSeconds),
        Next: exits.answered,
      }),
    ),
  });
