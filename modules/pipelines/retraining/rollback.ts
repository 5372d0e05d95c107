import { INITIAL_VERSION } from "../../../contracts/serving-record";
import { jsonata } from "../asl";
import { failure, step } from "../failures";
import { BRIEF } from "../retries";
import { task } from "../tasks";
import { variableOf } from "./reconcile";
import { part, run } from "./variables";

const { modelSettings, request, modelPackage, approval } = run;

const STEP = "Find version";

/**
 * Finds the version that a request names, to which the endpoint is then updated as to a new model. What is known of a
 * version stands in the environment of its SageMaker model, which every registered version has until it is pruned. Only
 * the initial model, which is no version of the registry, may serve without somebody's approval or a reason on record.
 */
export const rollBackPart = <Exit extends string>(exits: { readonly found: Exit }) =>
  part(exits, {
    "Find version": step(
      STEP,
      task(
        "aws-sdk:sagemaker:describeModel",
        {
          Arguments: { ModelName: jsonata(`${modelSettings.prefix} & '-' & ${request.version}`) },
          Assign: {
            artefact: "{% $states.result.PrimaryContainer.ModelDataUrl %}",
            plan: {
              runId: jsonata(request.version),
              featureHash: jsonata(variableOf("featureHash")),
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
      Choices: [{ Condition: jsonata(`${request.version} = '${INITIAL_VERSION}'`), Next: exits.found }],
      Default: "Describe version",
    },
    "Describe version": step(
      STEP,
      task("aws-sdk:sagemaker:describeModelPackage", {
        Arguments: { ModelPackageName: jsonata(modelPackage) },
        Assign: { approval: "{% $states.result.ModelApprovalStatus %}" },
        Next: "May it serve?",
      }),
    ),
    "May it serve?": {
      Type: "Choice",
      Choices: [
        { Condition: jsonata(`${approval} = 'Approved'`), Next: exits.found },
        { Condition: jsonata(`$exists(${request.override})`), Next: "Record override" },
      ],
      Default: "Version not approved",
    },
    "Record override": step(
      STEP,
      task("aws-sdk:sagemaker:updateModelPackage", {
        Arguments: {
          ModelPackageArn: jsonata(modelPackage),
          ModelApprovalStatus: "Approved",
          ApprovalDescription: jsonata(`'Made to serve although it was ' & ${approval} & ': ' & ${request.override}`),
        },
        Next: exits.found,
      }),
    ),
    "Version not approved": {
      Type: "Pass",
      ...failure(
        STEP,
        "VersionNotApproved",
        jsonata(
          `${request.version} & ' is ' & ${approval} & ' in the model registry; approve it there, or give the reason why it may serve all the same as override'`,
        ),
      ),
    },
  });
