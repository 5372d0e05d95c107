import { RUN_FILES } from "../../../contracts/run-layout";
import { failure, invoke, jsonata, type State, step, task } from "../asl";
import type { RetrainingProps } from "./contract";
import { ofRun } from "./processing";

const FOLDER = RUN_FILES.groundTruth;
/** Name of the labelling job, as a JSONata expression. */
export const LABELLING_JOB = "$this.prefix & '-' & $plan.runId & '-g'";

/** Labelling by SageMaker Ground Truth, for accounts that have it: it takes no new customers since 2026-07-30. */
export const groundTruthStates = ({ functions, keyArn }: RetrainingProps): Record<string, State> => ({
  "Ground Truth configured?": {
    Type: "Choice",
    Choices: [{ Condition: "{% $exists($labelling.groundTruth) %}", Next: "Check work team" }],
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
      Arguments: { WorkteamName: "{% $split($labelling.groundTruth.workteamArn, '/')[-1] %}" },
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
    invoke(
      functions["ask-labellers"],
      {
        model: "{% $model %}",
        runId: "{% $plan.runId %}",
        from: "unlabelled",
        to: "ground-truth",
        labelling: "{% $labelling %}",
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
        'RoleArn': $this.trainingJob.RoleArn,
        'Tags': $this.trainingJob.Tags,
        'InputConfig': {'DataSource': {'S3DataSource': {'ManifestS3Uri': ${ofRun(FOLDER)} & 'input.manifest'}}},
        'OutputConfig': {'S3OutputPath': ${ofRun(`${FOLDER}/output`)}, 'KmsKeyId': '${keyArn}'},
        'LabelCategoryConfigS3Uri': ${ofRun(FOLDER)} & 'categories.json',
        'HumanTaskConfig': {
          'WorkteamArn': $labelling.groundTruth.workteamArn,
          'UiConfig': {'UiTemplateS3Uri': ${ofRun(FOLDER)} & 'template.liquid.html'},
          'PreHumanTaskLambdaArn': $labelling.groundTruth.preHumanTaskLambdaArn,
          'TaskTitle': 'Is this problem gambling?',
          'TaskDescription': 'Judge from what is known of a player whether they have a gambling problem.',
          'NumberOfHumanWorkersPerDataObject': $labelling.mostVotes,
          'TaskTimeLimitInSeconds': 3600,
          'AnnotationConsolidationConfig': {
            'AnnotationConsolidationLambdaArn': $labelling.groundTruth.consolidationLambdaArn
          }
        }
      }`),
      TimeoutSeconds: "{% $labelling.deadlineInSeconds %}",
      Next: "Collect labels",
    }),
  ),
});
