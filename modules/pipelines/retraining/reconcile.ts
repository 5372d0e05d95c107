import { MODEL_VARIABLES, SERVING_FIELDS, type ServingValues } from "../../../contracts/serving-record";
import { jsonata, type State, step, task } from "../asl";
import { describeEndpoint } from "./endpoint";

const STEP = "Check serving record";

/** JSONata condition: the record says of each field what is the case. A field that is missing equals nothing. */
const TRUE = SERVING_FIELDS.map((field) => `$served.${field} = $actual.${field}`).join(" and ");

/** JSONata expression for an environment variable of the SageMaker model that was described. */
export const variableOf = (variable: keyof typeof MODEL_VARIABLES): string =>
  `$states.result.PrimaryContainer.Environment.${MODEL_VARIABLES[variable]}`;

/** JSONata object with the fields of a serving record, of which each is an expression. */
export const servingRecord = (values: ServingValues): string =>
  `{ ${SERVING_FIELDS.map((field) => `'${field}': ${values[field]}`).join(", ")} }`;

/** Writes a serving record, given as a JSONata object, to the model's parameter. */
export const putServingRecord = (record: string, state: Readonly<Record<string, unknown>>): State =>
  task("aws-sdk:ssm:putParameter", {
    Arguments: {
      Name: "{% $this.servingParameter %}",
      Overwrite: true,
      Value: jsonata(`$string($merge([${record}, {'updatedAt': $now()}]))`),
    },
    ...state,
  });

/**
 * Holds the serving record against the endpoint before anything else is done. An update that outlived its run, because
 * the run was stopped or gave up, leaves a record of what served before; nobody else would ever correct it.
 */
export const reconcileStates = (): Record<string, State> => ({
  "Read serving record": step(
    STEP,
    task("aws-sdk:ssm:getParameter", {
      Arguments: { Name: "{% $this.servingParameter %}" },
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
    Choices: [{ Condition: "{% $endpoint.status = 'InService' %}", Next: "Describe serving configuration" }],
    Default: "What to do?",
  },
  "Describe serving configuration": step(
    STEP,
    task("aws-sdk:sagemaker:describeEndpointConfig", {
      Arguments: { EndpointConfigName: "{% $endpoint.configuration %}" },
      Assign: { servedModel: "{% $states.result.ProductionVariants[0].ModelName %}" },
      Next: "Describe serving model",
    }),
  ),
  "Describe serving model": step(
    STEP,
    task("aws-sdk:sagemaker:describeModel", {
      Arguments: { ModelName: "{% $servedModel %}" },
      Assign: {
        actual: {
          modelVersion: `{% ${variableOf("modelVersion")} %}`,
          featureHash: `{% ${variableOf("featureHash")} %}`,
          endpointConfigName: "{% $endpoint.configuration %}",
          modelName: "{% $servedModel %}",
          artefact: "{% $states.result.PrimaryContainer.ModelDataUrl %}",
        } satisfies ServingValues,
      },
      Next: "Is the record true?",
    }),
  ),
  "Is the record true?": {
    Type: "Choice",
    Choices: [
      {
        Condition: jsonata(TRUE),
        Next: "What to do?",
      },
    ],
    Default: "Correct serving record",
  },
  "Correct serving record": step(
    STEP,
    putServingRecord("$actual", {
      Assign: {
        served: "{% $actual %}",
        corrected: jsonata(`'The serving record named '
          & ($exists($served.modelVersion) ? $string($served.modelVersion) : 'no version that can be read')
          & ' and not what the endpoint runs; it was corrected and names ' & $actual.modelVersion`),
      },
      Next: "What to do?",
    }),
  ),
});
