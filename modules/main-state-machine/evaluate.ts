import { jsonata, type State, step, THROTTLED, TRANSIENT, task } from "./asl";
import type { RetrainingProps } from "./contract";

const ROOT = "/opt/ml/processing";

/** An input of the evaluation, as a JSONata object: what lies under an S3 prefix becomes a folder of the container. */
const input = (name: string, uri: string) =>
  `{'InputName': '${name}', 'S3Input': {'S3Uri': ${uri}, 'LocalPath': '${ROOT}/${name}', 'S3DataType': 'S3Prefix', ` +
  "'S3InputMode': 'File', 'S3DataDistributionType': 'FullyReplicated'}}";

const ofRun = (folder: string) => `'s3://' & $this.bucket & '/runs/' & $plan.runId & '/${folder}/'`;

/** Scores candidate and champion on the same held-out rows, and judges the candidate by the gate's rules. */
export const evaluateStates = ({ gateFunction, keyArn, settings }: RetrainingProps): Record<string, State> => ({
  Evaluate: step(
    "Evaluate",
    task("sagemaker:createProcessingJob.sync", {
      Arguments: jsonata(`$merge([$this.evaluation, {
        'ProcessingJobName': $this.prefix & '-' & $plan.runId,
        'ProcessingInputs': [
          ${input("code", "$this.evaluationCode")},
          ${input("test", ofRun("test"))},
          ${input("validation", ofRun("validation"))},
          ${input("context", ofRun("context"))},
          ${input("candidate", "$artefact")},
          ${input("champion", "$plan.champion.artefact")}
        ],
        'ProcessingOutputConfig': {'Outputs': [{
          'OutputName': 'evaluation',
          'S3Output': {'S3Uri': ${ofRun("evaluation")}, 'LocalPath': '${ROOT}/output', 'S3UploadMode': 'EndOfJob'}
        }]},
        'AppSpecification': {
          'ImageUri': $this.image,
          'ContainerEntrypoint': ['python3', '${ROOT}/code/evaluate.py'],
          'ContainerArguments': $append($this.evaluationArguments, [
            '--candidate-version', $plan.runId,
            '--champion-version', $plan.champion.modelVersion
          ])
        },
        'ProcessingResources': {'ClusterConfig': {
          'InstanceCount': 1,
          'InstanceType': '${settings.evaluationInstanceType}',
          'VolumeSizeInGB': 30,
          'VolumeKmsKeyId': '${keyArn}'
        }},
        'StoppingCondition': {'MaxRuntimeInSeconds': 3600}
      }])`),
      Retry: THROTTLED,
      Next: "Gate",
    }),
  ),
  Gate: step(
    "Gate",
    task("lambda:invoke", {
      Arguments: {
        FunctionName: gateFunction,
        Payload: { model: "{% $model %}", runId: "{% $plan.runId %}", rules: "{% $this.gate %}" },
      },
      Assign: { judged: "{% $states.result.Payload %}" },
      Retry: TRANSIENT,
      Next: "Register",
    }),
  ),
});
