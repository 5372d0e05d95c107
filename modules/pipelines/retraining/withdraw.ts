import { jsonata } from "../asl";
import { step } from "../failures";
import { task } from "../tasks";
import { part, run } from "./variables";

const { left, undecided } = run;

/**
 * Rejects the candidate that a stopped run left to be decided. Nobody waits for the decision any more, so somebody who
 * approved it would wonder why nothing happens.
 */
export const withdrawPart = <Exit extends string>(exits: { readonly withdrawn: Exit }) =>
  part(exits, {
    "Did it leave a candidate?": {
      Type: "Choice",
      Choices: [{ Condition: jsonata(`${left} != ''`), Next: "Look at candidate" }],
      Default: exits.withdrawn,
    },
    "Look at candidate": step(
      "Claim",
      task("aws-sdk:sagemaker:describeModelPackage", {
        Arguments: { ModelPackageName: jsonata(left) },
        Assign: { undecided: "{% $states.result.ModelApprovalStatus = 'PendingManualApproval' %}" },
        Next: "Is it undecided?",
      }),
      // It was removed.
      exits.withdrawn,
    ),
    "Is it undecided?": {
      Type: "Choice",
      Choices: [{ Condition: jsonata(undecided), Next: "Withdraw what was left" }],
      Default: exits.withdrawn,
    },
    "Withdraw what was left": step(
      "Claim",
      task("aws-sdk:sagemaker:updateModelPackage", {
        Arguments: {
          ModelPackageArn: jsonata(left),
          ModelApprovalStatus: "Rejected",
          ApprovalDescription: "Its run was stopped before somebody decided",
        },
        Next: exits.withdrawn,
      }),
    ),
  });
