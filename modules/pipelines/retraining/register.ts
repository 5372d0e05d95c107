import type { LastRun } from "../../../contracts/last-run";
import { MODEL_VARIABLES } from "../../../contracts/serving-record";
import { failure, invoke, jsonata, type State, step, task } from "../asl";
import type { RetrainingProps } from "./contract";
import { MODEL } from "./promote";

/** A run started by hand may ask for another way of approval than the configuration. */
const APPROVAL = "($exists($request.approval) ? $request.approval : $this.policy.approval)";

/** Only the word itself spares a candidate the person. */
const BY_PERSON = `${APPROVAL} != 'automatic'`;

/** JSONata expressions for the fields of the model's last run. */
const LAST_RUN: Readonly<Record<keyof LastRun, string>> = {
  runId: "$plan.runId",
  startedAt: "$states.context.Execution.StartTime",
  verdict: "$judged.verdict",
};

/** The registry takes letters, digits and a few signs, no JSON: `operator=615 self-exclusion=400`. */
const SOURCES = `(
  $list := $join($each($labels.sources, function($rows, $source) { $source & '=' & $string($rows) }), ' ');
  $exists($list) and $list != '' ? $list : 'none'
)`;

/**
 * Enters every candidate into the model registry, and waits for a person where the configuration asks for one. The run
 * sleeps until the registry tells of the decision: looking every few minutes would use up the execution's history.
 */
export const registerStates = ({ functions, settings }: RetrainingProps): Record<string, State> => {
  const deadline = `($exists($request.approvalDeadlineInSeconds) ? $request.approvalDeadlineInSeconds : ${settings.approvalDeadlineInSeconds})`;
  return {
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
          : ${BY_PERSON} ? 'PendingManualApproval' : 'Approved',
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
          'labels': $substring(${SOURCES}, 0, 256),
          'report': $judged.report,
          'code': $this.codeVersion
        }])
      }`),
        Assign: { modelPackage: "{% $states.result.ModelPackageArn %}" },
        Next: "Create model",
      }),
    ),
    // Of every candidate, promoted or not, so that any registered version can be made to serve.
    "Create model": step(
      "Create model",
      task("aws-sdk:sagemaker:createModel", {
        Arguments: jsonata(`$merge([$this.servedModel, {
        'ModelName': ${MODEL},
        'PrimaryContainer': {
          'Image': $this.image,
          'ModelDataUrl': $artefact,
          'Environment': {
            '${MODEL_VARIABLES.modelVersion}': $plan.runId,
            '${MODEL_VARIABLES.featureHash}': $plan.featureHash,
            '${MODEL_VARIABLES.modelPackage}': $modelPackage
          }
        }
      }])`),
        Next: "Good enough?",
      }),
    ),
    "Good enough?": {
      Type: "Choice",
      Choices: [
        { Condition: "{% $judged.verdict != 'promote' %}", Next: "Record run" },
        {
          Condition: `{% ${BY_PERSON} %}`,
          Assign: { approveUntil: `{% $millis() + 1000 * ${deadline} %}` },
          Next: "Notify approver",
        },
      ],
      Default: "Create endpoint configuration",
    },
    "Wait for approval": step(
      "Approval",
      invoke(
        functions["await-approval"],
        { model: "{% $model %}", modelPackage: "{% $modelPackage %}", token: "{% $states.context.Task.Token %}" },
        {
          // The event may be late or lost: what stands in the registry counts.
          TimeoutSeconds: `{% $max([1, $ceil(($approveUntil - $millis()) / 1000)]) %}`,
          Next: "Describe approval",
        },
        "lambda:invoke.waitForTaskToken",
      ),
      "Failed",
      [{ ErrorEquals: ["States.Timeout"], Next: "Describe approval" }],
    ),
    "Describe approval": step(
      "Approval",
      task("aws-sdk:sagemaker:describeModelPackage", {
        Arguments: { ModelPackageName: "{% $modelPackage %}" },
        Assign: {
          approval: "{% $states.result.ModelApprovalStatus %}",
          because: "{% $exists($states.result.ApprovalDescription) ? ': ' & $states.result.ApprovalDescription : '' %}",
        },
        Next: "Approved?",
      }),
    ),
    "Approved?": {
      Type: "Choice",
      Choices: [
        { Condition: "{% $approval = 'Approved' %}", Next: "Create endpoint configuration" },
        {
          Condition: "{% $approval = 'Rejected' %}",
          Assign: {
            judged: "{% $merge([$judged, {'verdict': 'reject', 'reason': 'rejected by a person' & $because}]) %}",
          },
          Next: "Record run",
        },
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
    // Only now, because what comes before may fail: the next run must then find the same data new.
    "Record run": step(
      "Record run",
      task("aws-sdk:ssm:putParameter", {
        Arguments: {
          Name: "{% $this.lastRunParameter %}",
          Overwrite: true,
          Value: jsonata(
            `$string({ ${Object.entries(LAST_RUN)
              .map(([field, value]) => `'${field}': ${value}`)
              .join(", ")} })`,
          ),
        },
        Next: "Which verdict?",
      }),
    ),
    "Which verdict?": {
      Type: "Choice",
      Choices: [{ Condition: "{% $judged.verdict = 'promote' %}", Next: "Promoted" }],
      Default: "Rejected",
    },
  };
};
