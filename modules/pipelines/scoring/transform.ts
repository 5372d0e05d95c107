import { scoringKeys } from "../../../contracts/scoring-layout";
import { jsonata } from "../asl";
import { orElse, step } from "../failures";
import { BRIEF } from "../retries";
import { task } from "../tasks";
import type { ScoringProps } from "./contract";
import { part, run } from "./variables";

const { datasetSettings, plan, sized, done, scoring, scoringSettings, served, compute, fallbacks, attempt, failure } =
  run;

/** The most that a transform may take: the table of its instances allows for ten minutes, and SageMaker sets no limit. */
const TIMEOUT_IN_SECONDS = 6 * 3600;
/** Leaves room below the 6 MB that the built-in container takes in a request. */
const PAYLOAD_IN_MB = 4;

/** JSONata for the URI of one of the run's folders, whose key has the run and the model as `*`. */
const uriOf = (key: (keys: ReturnType<typeof scoringKeys>) => string): string => {
  const [before = "", after = "", rest] = key(scoringKeys("*")).split("*");
  const ofModel = rest === undefined ? `'${after}'` : `'${after}' & ${scoring.model} & '${rest}'`;
  return `'s3://' & ${datasetSettings.bucket} & '/${before}' & ${plan.runId} & ${ofModel}`;
};

/** JSONata for the name of the SageMaker model that scores, which a run makes for itself. */
const MODEL = `${scoringSettings.prefix} & '-' & ${plan.runId}`;

/** Deletes the model that scored. Best effort: one that stays costs nothing. */
const deleteModel = <To extends string>(next: To) =>
  orElse(task("aws-sdk:sagemaker:deleteModel", { Arguments: { ModelName: jsonata(MODEL) }, Next: next }, BRIEF), next);

/**
 * Has every model of the plan score all players by a batch transform, one model after the other. A transform acts as its
 * SageMaker model's role, so each is given a model of what serves with a role that may read features and write scores: that
 * of the endpoint may not.
 */
export const transformPart = <Exit extends string>({ keyArn, tags }: ScoringProps, exits: { readonly scored: Exit }) =>
  part(exits, {
    "Another model?": {
      Type: "Choice",
      Choices: [
        {
          Condition: jsonata(`$exists(${plan.models}[${done}])`),
          Assign: {
            scoring: jsonata(`${plan.models}[${done}]`),
            scoringSettings: jsonata(`$lookup(${datasetSettings.models}, ${plan.models}[${done}].model)`),
            compute: jsonata(sized.compute),
            fallbacks: jsonata(`[${sized.fallbacks}]`),
            attempt: 1,
          },
          Next: "Describe serving model",
        },
      ],
      Default: exits.scored,
    },
    "Describe serving model": step(
      "Transform",
      task("aws-sdk:sagemaker:describeModel", {
        Arguments: { ModelName: jsonata(scoring.modelName) },
        Assign: { served: "{% $states.result %}" },
        Next: "Create scoring model",
      }),
    ),
    "Create scoring model": step(
      "Transform",
      task("aws-sdk:sagemaker:createModel", {
        Arguments: jsonata(`$merge([
          {
            'ModelName': ${MODEL},
            'ExecutionRoleArn': ${scoringSettings.roleArn},
            'PrimaryContainer': $sift(${served}.PrimaryContainer, function($value, $field) {
              $field in ['Image', 'ModelDataUrl', 'Environment']
            }),
            'Tags': [${tags.map(({ Key, Value }) => `{'Key': '${Key}', 'Value': '${Value}'}`).join(", ")}]
          },
          $sift(${served}, function($value, $field) { $field in ['VpcConfig', 'EnableNetworkIsolation'] })
        ])`),
        Next: "Transform",
      }),
    ),
    Transform: step(
      "Transform",
      task("sagemaker:createTransformJob.sync", {
        Arguments: {
          TransformJobName: jsonata(`${MODEL} & (${attempt} > 1 ? '-' & $string(${attempt}) : '')`),
          ModelName: jsonata(MODEL),
          BatchStrategy: "MultiRecord",
          MaxPayloadInMB: PAYLOAD_IN_MB,
          TransformInput: {
            DataSource: {
              S3DataSource: { S3DataType: "S3Prefix", S3Uri: jsonata(uriOf(({ features }) => features)) },
            },
            ContentType: "text/csv",
            SplitType: "Line",
          },
          TransformOutput: {
            S3OutputPath: jsonata(uriOf(({ scores }) => scores("*"))),
            Accept: "text/csv",
            AssembleWith: "Line",
            KmsKeyId: keyArn,
          },
          TransformResources: jsonata(`$merge([
            {'InstanceType': ${compute.instanceType}, 'InstanceCount': ${compute.instanceCount}},
            ${compute.takesVolumeKey} ? {'VolumeKmsKeyId': '${keyArn}'} : {}
          ])`),
          Tags: tags,
        },
        TimeoutSeconds: TIMEOUT_IN_SECONDS,
        Assign: { done: jsonata(`${done} + 1`) },
        Next: "Delete scoring model",
      }),
      "Capacity?",
    ),
    "Delete scoring model": deleteModel("Another model?"),
    "Capacity?": {
      Type: "Choice",
      Choices: [
        {
          Condition: jsonata(
            `$exists(${fallbacks}[0]) and ` +
              `$contains(${failure.error} & ' ' & ${failure.cause}, /CapacityError|ResourceLimitExceeded/)`,
          ),
          Assign: {
            compute: jsonata(`${fallbacks}[0]`),
            fallbacks: jsonata(`[${fallbacks}[[1..9]]]`),
            attempt: jsonata(`${attempt} + 1`),
          },
          Next: "Transform",
        },
      ],
      Default: "Delete failed model",
    },
    "Delete failed model": deleteModel("Failed"),
  });
