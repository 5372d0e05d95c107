import { failure, jsonata, type State, step, THROTTLED, task } from "./asl";
import type { RetrainingProps } from "./contract";
import { NAME } from "./promote";

/** A run started by hand may ask for another way of approval than the configuration. */
const APPROVAL = "($exists($request.approval) ? $request.approval : $this.approval)";

/** Enters every candidate into the model registry, and waits for a person where the configuration asks for one. */
export const registerStates = ({ settings }: RetrainingProps): Record<string, State> => {
  const deadline = `($exists($request.approvalDeadlineInSeconds) ? $request.approvalDeadlineInSeconds : ${settings.approvalDeadlineInSeconds})`;
  return {
    // Of every candidate, promoted or not, so that any registered version can be made to serve.
    "Create model": step(
      "Create model",
      task("sagemaker:createModel", {
        Arguments: jsonata(`$merge([$this.servedModel, {
        'ModelName': ${NAME},
        'PrimaryContainer': {
          'Image': $this.image,
          'ModelDataUrl': $artefact,
          'Environment': {'VWT_MODEL_VERSION': $plan.runId, 'VWT_FEATURE_HASH': $plan.featureHash}
        }
      }])`),
        Retry: THROTTLED,
        Next: "Register",
      }),
    ),
    Register: step(
      "Register",
      task("aws-sdk:sagemaker:createModelPackage", {
        Arguments: jsonata(`{
        'ModelPackageGroupName': $this.versions,
        'ModelPackageDescription': $substring($judged.verdict & ': ' & $judged.reason, 0, 1000),
        'InferenceSpecification': {
          'Containers': [{'Image': $this.image, 'ModelDataUrl': $artefact}],
          'SupportedContentTypes': ['text/csv'],
          'SupportedResponseMIMETypes': ['text/csv']
        },
        'ModelApprovalStatus': $judged.verdict != 'promote' ? 'Rejected'
          : ${APPROVAL} = 'manual' ? 'PendingManualApproval' : 'Approved',
        'ModelMetrics': {'ModelQuality': {'Statistics': {
          'ContentType': 'application/json',
          'S3Uri': $judged.evaluation
        }}},
        'CustomerMetadataProperties': $merge([$judged.metrics, {
          'modelVersion': $plan.runId,
          'featureHash': $plan.featureHash,
          'verdict': $judged.verdict,
          'champion': $plan.champion.modelVersion,
          'data': $plan.data.uri,
          'dataSha256': $plan.data.sha256,
          'objects': $string($plan.objects),
          'bytes': $string($plan.bytes),
          'labelling': $labels.mode,
          'labels': $string($labels.sources),
          'report': $judged.report,
          'code': $this.codeVersion
        }])
      }`),
        Assign: { modelPackage: "{% $states.result.ModelPackageArn %}" },
        Retry: THROTTLED,
        Next: "Record run",
      }),
    ),
    "Record run": step(
      "Record run",
      task("aws-sdk:ssm:putParameter", {
        Arguments: {
          Name: "{% $this.lastRunParameter %}",
          Overwrite: true,
          Value: jsonata(`$string({
          'runId': $plan.runId,
          'startedAt': $states.context.Execution.StartTime,
          'verdict': $judged.verdict
        })`),
        },
        Retry: THROTTLED,
        Next: "Good enough?",
      }),
    ),
    "Good enough?": {
      Type: "Choice",
      Choices: [
        { Condition: "{% $judged.verdict != 'promote' %}", Next: "Rejected" },
        {
          Condition: `{% ${APPROVAL} = 'manual' %}`,
          Assign: { deadline: `{% $millis() + 1000 * ${deadline} %}` },
          Next: "Notify approver",
        },
      ],
      Default: "Look for configuration",
    },
    "Wait for approval": { Type: "Wait", Seconds: settings.approvalPollInSeconds, Next: "Describe approval" },
    "Describe approval": step(
      "Approval",
      task("aws-sdk:sagemaker:describeModelPackage", {
        Arguments: { ModelPackageName: "{% $modelPackage %}" },
        Assign: { approval: "{% $states.result.ModelApprovalStatus %}" },
        Retry: THROTTLED,
        Next: "Approved?",
      }),
    ),
    "Approved?": {
      Type: "Choice",
      Choices: [
        { Condition: "{% $approval = 'Approved' %}", Next: "Look for configuration" },
        {
          Condition: "{% $approval = 'Rejected' %}",
          Assign: { judged: "{% $merge([$judged, {'verdict': 'reject', 'reason': 'rejected by a person'}]) %}" },
          Next: "Rejected",
        },
        { Condition: "{% $millis() < $deadline %}", Next: "Wait for approval" },
      ],
      Default: "Withdraw candidate",
    },
    // Otherwise somebody might approve it later, and nothing would happen.
    "Withdraw candidate": step(
      "Approval",
      task("aws-sdk:sagemaker:updateModelPackage", {
        Arguments: {
          ModelPackageArn: "{% $modelPackage %}",
          ModelApprovalStatus: "Rejected",
          ApprovalDescription: "Nobody decided in time",
        },
        Retry: THROTTLED,
        Next: "Approval timed out",
      }),
    ),
    "Approval timed out": {
      Type: "Pass",
      ...failure(
        "Approval",
        "ApprovalTimedOut",
        `{% 'Nobody approved or rejected ' & $modelPackage & ' within ' & $string(${deadline}) & ' s' %}`,
      ),
    },
  };
};
