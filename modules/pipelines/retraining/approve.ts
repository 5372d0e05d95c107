import type { Wait } from "../../../handlers/retraining/await-approval/logic";
import { jsonata } from "../asl";
import { failure, step } from "../failures";
import { publish } from "../parts/notify";
import { invokeAndWait, task } from "../tasks";
import type { RetrainingProps } from "./contract";
import { part, run } from "./variables";

const { model, modelSettings, request, plan, judged, modelPackage, approveUntil, approval, because } = run;

/** JSONata for the way of approval; a run started by hand may ask for another than the configuration's. */
const APPROVAL = `($exists(${request.approval}) ? ${request.approval} : ${modelSettings.policy.approval})`;

/** JSONata condition under which a person approves: only the word itself spares a candidate the person. */
export const BY_PERSON = `${APPROVAL} != 'automatic'`;

/**
 * Lets only candidates through that passed the gate, and waits for a person where the configuration asks for one. The
 * run sleeps until the registry tells of the decision: looking every few minutes would use up the execution's history.
 */
export const approvePart = <Exit extends string>(
  { functions, settings, ...props }: RetrainingProps,
  exits: { readonly approved: Exit; readonly rejected: Exit },
) => {
  const deadline = `($exists(${request.approvalDeadlineInSeconds}) ? ${request.approvalDeadlineInSeconds} : ${settings.approvalDeadlineInSeconds})`;
  return part(exits, {
    "Good enough?": {
      Type: "Choice",
      Choices: [
        { Condition: jsonata(`${judged.verdict} != 'promote'`), Next: exits.rejected },
        {
          Condition: jsonata(BY_PERSON),
          Assign: { approveUntil: jsonata(`$millis() + 1000 * ${deadline}`) },
          Next: "Notify approver",
        },
      ],
      Default: exits.approved,
    },
    "Notify approver": publish(
      props,
      "'ApprovalWanted'",
      `{'modelVersion': ${plan.runId}, 'modelPackage': ${modelPackage}, 'reason': ${judged.reason}, 'metrics': ${judged.metrics}, 'championMetrics': ${judged.championMetrics}, 'report': ${judged.report}, 'until': $fromMillis(${approveUntil})}`,
      "Wait for approval",
    ),
    "Wait for approval": step(
      "Await approval",
      invokeAndWait(
        functions["await-approval"],
        { model: jsonata(model), modelPackage: jsonata(modelPackage) } satisfies Omit<Wait, "kind" | "token">,
        {
          // The event may be late or lost: what stands in the registry counts.
          TimeoutSeconds: jsonata(`$max([1, $ceil((${approveUntil} - $millis()) / 1000)])`),
          Next: "Describe approval",
        },
      ),
      "Failed",
      [{ ErrorEquals: ["States.Timeout"], Next: "Describe approval" }],
    ),
    "Describe approval": step(
      "Await approval",
      task("aws-sdk:sagemaker:describeModelPackage", {
        Arguments: { ModelPackageName: jsonata(modelPackage) },
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
        { Condition: jsonata(`${approval} = 'Approved'`), Next: exits.approved },
        {
          Condition: jsonata(`${approval} = 'Rejected'`),
          Assign: {
            judged: jsonata(
              `$merge([${judged}, {'verdict': 'reject', 'reason': 'rejected by a person' & ${because}}])`,
            ),
          },
          Next: exits.rejected,
        },
      ],
      Default: "Withdraw candidate",
    },
    // Otherwise somebody might approve it later, and nothing would happen.
    "Withdraw candidate": step(
      "Await approval",
      task("aws-sdk:sagemaker:updateModelPackage", {
        Arguments: {
          ModelPackageArn: jsonata(modelPackage),
          ModelApprovalStatus: "Rejected",
          ApprovalDescription: "Nobody decided in time",
        },
        Next: "Approval timed out",
      }),
    ),
    "Approval timed out": {
      Type: "Pass",
      ...failure(
        "Await approval",
        "ApprovalTimedOut",
        jsonata(`'Nobody approved or rejected ' & ${modelPackage} & ' within ' & $string(${deadline}) & ' s'`),
      ),
    },
  });
};
