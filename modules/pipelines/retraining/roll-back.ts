import { INITIAL_VERSION } from "../../../contracts/serving-record";
import { BRIEF, failure, jsonata, type State, step, task } from "../asl";
import { variableOf } from "./reconcile";

const STEP = "Find version";

/**
 * The way of a request that names a version: the endpoint is updated to it as to a new model. What is known of a version
 * stands in the environment of its SageMaker model, which every registered version has until it is pruned. Only the
 * initial model, which is no version of the registry, may serve without somebody's approval or a reason on record.
 */
export const rollBackStates = (): Record<string, State> => ({
  "Find version": step(
    STEP,
    task(
      "aws-sdk:sagemaker:describeModel",
      {
        Arguments: { ModelName: "{% $this.prefix & '-' & $request.version %}" },
        Assign: {
          artefact: "{% $states.result.PrimaryContainer.ModelDataUrl %}",
          plan: {
            runId: "{% $request.version %}",
            featureHash: `{% ${variableOf("featureHash")} %}`,
          },
          modelPackage: jsonata(`$exists(${variableOf("modelPackage")}) ? ${variableOf("modelPackage")} : 'none'`),
          // In the form of a run's id, but of this run: the version's own endpoint configuration may be there still.
          deployment: jsonata(
            "$fromMillis($millis(), '[Y0001][M01][D01]-[H01][m01][s01]') & '-' & $substring($uuid(), 0, 6)",
          ),
        },
        Next: "Registered version?",
      },
      BRIEF,
    ),
  ),
  "Registered version?": {
    Type: "Choice",
    Choices: [{ Condition: `{% $request.version = '${INITIAL_VERSION}' %}`, Next: "Create endpoint configuration" }],
    Default: "Describe version",
  },
  "Describe version": step(
    STEP,
    task("aws-sdk:sagemaker:describeModelPackage", {
      Arguments: { ModelPackageName: "{% $modelPackage %}" },
      Assign: { approval: "{% $states.result.ModelApprovalStatus %}" },
      Next: "May it serve?",
    }),
  ),
  "May it serve?": {
    Type: "Choice",
    Choices: [
      { Condition: "{% $approval = 'Approved' %}", Next: "Create endpoint configuration" },
      { Condition: "{% $exists($request.override) %}", Next: "Record override" },
    ],
    Default: "Version not approved",
  },
  "Record override": step(
    STEP,
    task("aws-sdk:sagemaker:updateModelPackage", {
      Arguments: {
        ModelPackageArn: "{% $modelPackage %}",
        ModelApprovalStatus: "Approved",
        ApprovalDescription: "{% 'Made to serve although it was ' & $approval & ': ' & $request.override %}",
      },
      Next: "Create endpoint configuration",
    }),
  ),
  "Version not approved": {
    Type: "Pass",
    ...failure(
      STEP,
      "VersionNotApproved",
      "{% $request.version & ' is ' & $approval & ' in the model registry; approve it there, or give the reason why it may serve all the same as override' %}",
    ),
  },
});
