import { MODEL_VARIABLES, SERVING_FIELDS, type ServingValues } from "../../../contracts/serving-record";
import { jsonata, type TaskFields } from "../asl";
import { step } from "../failures";
import { describeEndpoint } from "../parts/endpoint";
import { task } from "../tasks";
import { type Expression, objectOf } from "../variables";
import { part, type RetrainingVariables, run } from "./variables";

const { modelSettings, endpoint, served, servedModel, actual } = run;

const STEP = "Check serving record";

/** JSONata condition: the record says of each field what is the case. A field that is missing equals nothing. */
const TRUE = SERVING_FIELDS.map((field) => `${served[field]} = ${actual[field]}`).join(" and ");

/** JSONata for an environment variable of the SageMaker model that was described. */
export const variableOf = (variable: keyof typeof MODEL_VARIABLES): string =>
  `$states.result.PrimaryContainer.Environment.${MODEL_VARIABLES[variable]}`;

/** Writes a serving record, given as JSONata of an object, to the model's parameter. */
const putServingRecord = <const To extends string>(
  record: Expression,
  fields: TaskFields<To, keyof RetrainingVariables>,
) =>
  task<To, keyof RetrainingVariables>("aws-sdk:ssm:putParameter", {
    Arguments: {
      Name: jsonata(modelSettings.servingParameter),
      Overwrite: true,
      Value: jsonata(`$string($merge([${record}, {'updatedAt': $now()}]))`),
    },
    ...fields,
  });

/**
 * Holds the serving record against the endpoint before anything else is done. An update that outlived its run, because
 * the run was stopped or gave up, leaves a record of what served before; nobody else would ever correct it.
 */
export const reconcilePart = <Exit extends string>(exits: { readonly reconciled: Exit }) =>
  part(exits, {
    "Read serving record": step(
      STEP,
      task("aws-sdk:ssm:getParameter", {
        Arguments: { Name: jsonata(modelSettings.servingParameter) },
        Assign: { served: "{% $parse($states.result.Parameter.Value) %}" },
        Next: "Look at serving endpoint",
      }),
      "Failed",
      // Somebody wrote what is no JSON: the endpoint knows better.
      [{ ErrorEquals: ["States.QueryEvaluationError"], Assign: { served: {} }, Next: "Look at serving endpoint" }],
    ),
    "Look at serving endpoint": step(STEP, describeEndpoint("Does it serve?")),
    // In the middle of an update nothing can be said; whoever updates will write the record.
    "Does it serve?": {
      Type: "Choice",
      Choices: [{ Condition: jsonata(`${endpoint.status} = 'InService'`), Next: "Describe serving configuration" }],
      Default: exits.reconciled,
    },
    "Describe serving configuration": step(
      STEP,
      task("aws-sdk:sagemaker:describeEndpointConfig", {
        Arguments: { EndpointConfigName: jsonata(endpoint.configuration) },
        Assign: { servedModel: "{% $states.result.ProductionVariants[0].ModelName %}" },
        Next: "Describe serving model",
      }),
    ),
    "Describe serving model": step(
      STEP,
      task("aws-sdk:sagemaker:describeModel", {
        Arguments: { ModelName: jsonata(servedModel) },
        Assign: {
          actual: {
            modelVersion: jsonata(variableOf("modelVersion")),
            featureHash: jsonata(variableOf("featureHash")),
            endpointConfigName: jsonata(endpoint.configuration),
            modelName: jsonata(servedModel),
            artefact: "{% $states.result.PrimaryContainer.ModelDataUrl %}",
          } satisfies ServingValues,
        },
        Next: "Is the record true?",
      }),
    ),
    "Is the record true?": {
      Type: "Choice",
      Choices: [{ Condition: jsonata(TRUE), Next: exits.reconciled }],
      Default: "Correct serving record",
    },
    "Correct serving record": step(
      STEP,
      putServingRecord(actual, {
        Assign: {
          served: jsonata(actual),
          corrected: jsonata(`'The serving record named '
            & ($exists(${served.modelVersion}) ? $string(${served.modelVersion}) : 'no version that can be read')
            & ' and not what the endpoint runs; it was corrected and names ' & ${actual.modelVersion}`),
        },
        Next: exits.reconciled,
      }),
    ),
  });

/** Writes down what the endpoint has been seen to serve; `values` are JSONata. */
export const recordServingPart = <Exit extends string>(values: ServingValues, exits: { readonly recorded: Exit }) =>
  part(exits, {
    "Write serving record": step("Write serving record", putServingRecord(objectOf(values), { Next: exits.recorded })),
  });
