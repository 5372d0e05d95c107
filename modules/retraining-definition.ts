import type { Config, Serving } from "../config";

/**
 * What the main state machine needs to know of one model; ARNs and names may still be Terraform references. The
 * templates hold what does not depend on the run, in the form of the SageMaker API.
 */
export interface RetrainedModel {
  readonly bucket: string;
  readonly prepareFunction: string;
  readonly image: string;
  readonly endpoint: string;
  readonly servingParameter: string;
  /** Start of the names of the model's jobs, SageMaker models and endpoint configurations. */
  readonly prefix: string;
  readonly retainCapacity: boolean;
  readonly trainingJob: object;
  readonly servedModel: object;
  readonly endpointConfiguration: object;
  readonly productionVariant: object;
}

export interface RetrainingProps {
  readonly planFunction: string;
  readonly keyArn: string;
  readonly settings: Config["retraining"];
  readonly models: Readonly<Record<string, RetrainedModel>>;
}

type State = Readonly<Record<string, unknown>> & { readonly Type: string };

/** A JSONata expression; on one line, as validators of Amazon States Language want it. */
const jsonata = (expression: string): string => `{% ${expression.replace(/\s+/g, " ")} %}`;

/** What a called service may recover from by itself. */
const TRANSIENT = [
  {
    ErrorEquals: [
      "Lambda.ServiceException",
      "Lambda.AWSLambdaException",
      "Lambda.SdkClientException",
      "Lambda.TooManyRequestsException",
      "Lambda.ClientExecutionTimeoutException",
    ],
    IntervalSeconds: 2,
    MaxAttempts: 4,
    BackoffRate: 2,
    JitterStrategy: "FULL",
  },
];

const THROTTLED = [
  {
    ErrorEquals: ["SageMaker.ThrottlingException", "SageMaker.SdkClientException", "Ssm.SdkClientException"],
    IntervalSeconds: 5,
    MaxAttempts: 5,
    BackoffRate: 2,
    JitterStrategy: "FULL",
  },
];

/**
 * Why a step failed, for people: services wrap it in a document of their own. A job that could not even be created has
 * no such document, so its fields must not be relied on.
 */
const CAUSE = jsonata(`(
  $text := $states.errorOutput.Cause;
  $document := $substring($text, 0, 1) = '{' ? $parse($text) : {};
  $exists($document.FailureReason) ? $document.FailureReason
    : $exists($document.errorMessage) ? $document.errorType & ': ' & $document.errorMessage
    : $text
)`);

/** A step that, when it fails, ends this model's run as failed, naming the step and the cause. The champion serves on. */
const step = (name: string, state: State): State => ({
  ...state,
  Catch: [
    {
      ErrorEquals: ["States.ALL"],
      Assign: {
        failure: { step: name, error: "{% $states.errorOutput.Error %}", cause: CAUSE },
      },
      Next: "Failed",
    },
  ],
});

/** A verdict reached by a Choice: what went wrong, in the form that `step` gives to caught errors. */
const failure = (name: string, error: string, cause: string) => ({
  Assign: { failure: { step: name, error, cause } },
  Next: "Failed",
});

const task = (resource: string, state: Readonly<Record<string, unknown>>): State => ({
  Type: "Task",
  Resource: `arn:aws:states:::${resource}`,
  ...state,
});

/**
 * The main state machine in Amazon States Language (JSONata): for each model of the input
 * `{"models": ["<model>", …]}` plan → preprocess → train → promote, where promotion counts only once the endpoint is
 * seen to run the requested configuration. Fails, after all models had their turn, when any of them failed.
 */
export function retrainingDefinition(props: RetrainingProps): object {
  return {
    Comment: 'Retrains and promotes models. Input: {"models": ["<model>", …]}',
    QueryLanguage: "JSONata",
    StartAt: "Settings",
    States: {
      Settings: {
        Type: "Pass",
        Assign: { settings: props.models },
        Next: "Each model",
      },
      "Each model": {
        Type: "Map",
        Items: "{% $states.input.models %}",
        MaxConcurrency: Object.keys(props.models).length,
        ItemProcessor: { ProcessorConfig: { Mode: "INLINE" }, StartAt: "Select", States: modelStates(props) },
        Next: "Any failed?",
      },
      "Any failed?": {
        Type: "Choice",
        Choices: [{ Condition: "{% 'Failed' in $states.input.status %}", Next: "Run failed" }],
        Default: "Run succeeded",
      },
      "Run failed": {
        Type: "Fail",
        Error: "RetrainingFailed",
        Cause:
          "{% $join($states.input[status = 'Failed'].(model & ' failed at ' & step & ': ' & error & ': ' & cause), '; ') %}",
      },
      "Run succeeded": { Type: "Succeed" },
    },
  };
}

function modelStates(props: RetrainingProps): Record<string, State> {
  return {
    Select: {
      Type: "Choice",
      Choices: [
        {
          Condition: "{% $exists($lookup($settings, $string($states.input))) %}",
          Assign: { model: "{% $states.input %}", this: "{% $lookup($settings, $states.input) %}" },
          Next: "Plan",
        },
      ],
      Assign: { model: "{% $string($states.input) %}" },
      Default: "Unknown model",
    },
    "Unknown model": {
      Type: "Pass",
      ...failure(
        "Select",
        "UnknownModel",
        `The catalogue has no such model. It has ${Object.keys(props.models).join(", ")}`,
      ),
    },
    ...planStates(props),
    ...preprocessStates(props),
    ...trainStates(props),
    ...promoteStates(props),
    Skipped: {
      Type: "Pass",
      Output: { model: "{% $model %}", status: "Skipped", reason: "{% $plan.reason %}" },
      End: true,
    },
    Failed: {
      Type: "Pass",
      Output: {
        model: "{% $model %}",
        status: "Failed",
        step: "{% $failure.step %}",
        error: "{% $failure.error %}",
        cause: "{% $failure.cause %}",
      },
      End: true,
    },
    Promoted: {
      Type: "Pass",
      Output: {
        model: "{% $model %}",
        status: "Promoted",
        modelVersion: "{% $plan.runId %}",
        compute: "{% $plan.compute %}",
        rows: "{% $rows %}",
      },
      End: true,
    },
  };
}

const planStates = ({ planFunction }: RetrainingProps): Record<string, State> => ({
  Plan: step(
    "Plan",
    task("lambda:invoke", {
      Arguments: {
        FunctionName: planFunction,
        Payload: {
          model: "{% $model %}",
          execution: "{% $states.context.Execution.Name %}",
          startedAt: "{% $states.context.Execution.StartTime %}",
        },
      },
      Assign: { plan: "{% $states.result.Payload %}" },
      Retry: TRANSIENT,
      Next: "Anything to train on?",
    }),
  ),
  "Anything to train on?": {
    Type: "Choice",
    Choices: [{ Condition: "{% $plan.outcome = 'train' %}", Next: "Preprocess" }],
    Default: "Skipped",
  },
});

const preprocessStates = ({ settings }: RetrainingProps): Record<string, State> => ({
  Preprocess: step("Preprocess", {
    Type: "Map",
    Label: "Preprocess",
    ItemReader: {
      Resource: "arn:aws:states:::s3:getObject",
      ReaderConfig: { InputType: "JSON" },
      Arguments: { Bucket: "{% $this.bucket %}", Key: "{% $plan.manifestKey %}" },
    },
    // Child executions see no variables of their parent, so each item carries what it needs.
    ItemSelector: {
      function: "{% $this.prepareFunction %}",
      payload: {
        model: "{% $model %}",
        runId: "{% $plan.runId %}",
        key: "{% $states.context.Map.Item.Value.key %}",
      },
    },
    MaxConcurrency: settings.preprocessConcurrency,
    ToleratedFailurePercentage: settings.toleratedFailurePercentage,
    ItemProcessor: {
      ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
      StartAt: "Prepare object",
      States: {
        "Prepare object": task("lambda:invoke", {
          Arguments: { FunctionName: "{% $states.input.function %}", Payload: "{% $states.input.payload %}" },
          Output: "{% $states.result.Payload %}",
          Retry: TRANSIENT,
          End: true,
        }),
      },
    },
    Assign: {
      rows: {
        train: "{% $sum($states.result.rows.train) %}",
        validation: "{% $sum($states.result.rows.validation) %}",
        test: "{% $sum($states.result.rows.test) %}",
        positives: "{% $sum($states.result.positives) %}",
        unlabelled: "{% $sum($states.result.unlabelled) %}",
        rejected: "{% $sum($states.result.rejected) %}",
      },
    },
    Next: "Enough rows?",
  }),
  "Enough rows?": {
    Type: "Choice",
    Choices: [{ Condition: "{% $rows.train > 0 and $rows.validation > 0 %}", Next: "Train" }],
    Default: "Too few rows",
  },
  "Too few rows": {
    Type: "Pass",
    ...failure(
      "Preprocess",
      "TooFewLabelledRows",
      "{% 'Training needs labelled rows for training and validation; this run has ' & $string($rows) %}",
    ),
  },
});

/** A channel of CSV parts, as a JSONata object. */
const channel = (name: string, distribution: string) =>
  `{'ChannelName': '${name}', 'ContentType': 'text/csv', 'InputMode': 'File', 'DataSource': {'S3DataSource': {` +
  `'S3DataType': 'S3Prefix', 'S3Uri': 's3://' & $this.bucket & '/runs/' & $plan.runId & '/${name}/', ` +
  `'S3DataDistributionType': ${distribution}}}}`;

const trainStates = ({ keyArn }: RetrainingProps): Record<string, State> => ({
  Train: step(
    "Train",
    task("sagemaker:createTrainingJob.sync", {
      Arguments: jsonata(`$merge([$this.trainingJob, {
        'TrainingJobName': $this.prefix & '-' & $plan.runId,
        'InputDataConfig': [
          ${channel("train", "$plan.compute.instanceCount > 1 ? 'ShardedByS3Key' : 'FullyReplicated'")},
          ${channel("validation", "'FullyReplicated'")}
        ],
        'OutputDataConfig': {'S3OutputPath': 's3://' & $this.bucket & '/runs/' & $plan.runId & '/output'},
        'ResourceConfig': {
          'InstanceType': $plan.compute.instanceType,
          'InstanceCount': $plan.compute.instanceCount,
          'VolumeSizeInGB': $plan.compute.volumeSizeInGB,
          'VolumeKmsKeyId': '${keyArn}'
        },
        'StoppingCondition': {'MaxRuntimeInSeconds': $plan.compute.maxRuntimeInSeconds}
      }])`),
      Assign: { artefact: "{% $states.result.ModelArtifacts.S3ModelArtifacts %}" },
      Retry: THROTTLED,
      Next: "Create model",
    }),
  ),
});

const NAME = "$this.prefix & '-' & $plan.runId";

const promoteStates = ({ settings }: RetrainingProps): Record<string, State> => ({
  "Create model": step(
    "Create model",
    task("sagemaker:createModel", {
      Arguments: jsonata(`$merge([$this.servedModel, {
        'ModelName': ${NAME},
        'PrimaryContainer': {'Image': $this.image, 'ModelDataUrl': $artefact}
      }])`),
      Retry: THROTTLED,
      Next: "Create endpoint configuration",
    }),
  ),
  "Create endpoint configuration": step(
    "Create endpoint configuration",
    task("sagemaker:createEndpointConfig", {
      Arguments: jsonata(`$merge([$this.endpointConfiguration, {
        'EndpointConfigName': ${NAME},
        'ProductionVariants': [$merge([$this.productionVariant, {'ModelName': ${NAME}}])]
      }])`),
      Retry: THROTTLED,
      Next: "Update endpoint",
    }),
  ),
  "Update endpoint": step(
    "Update endpoint",
    task("sagemaker:updateEndpoint", {
      Arguments: {
        EndpointName: "{% $this.endpoint %}",
        EndpointConfigName: `{% ${NAME} %}`,
        // Otherwise the update would throw away the capacity that auto scaling has reached.
        RetainAllVariantProperties: "{% $this.retainCapacity %}",
      },
      Assign: { deadline: `{% $millis() + ${settings.endpointDeadlineInSeconds * 1000} %}` },
      Retry: THROTTLED,
      Next: "Wait for endpoint",
    }),
  ),
  "Wait for endpoint": { Type: "Wait", Seconds: settings.endpointPollInSeconds, Next: "Describe endpoint" },
  "Describe endpoint": step(
    "Describe endpoint",
    task("aws-sdk:sagemaker:describeEndpoint", {
      Arguments: { EndpointName: "{% $this.endpoint %}" },
      Assign: {
        endpoint: {
          status: "{% $states.result.EndpointStatus %}",
          configuration: "{% $states.result.EndpointConfigName %}",
          reason:
            "{% $exists($states.result.FailureReason) ? $states.result.FailureReason : 'SageMaker gave no reason' %}",
        },
      },
      Retry: THROTTLED,
      Next: "Endpoint switched?",
    }),
  ),
  // A rolled-back update is InService too: only the configuration that it runs tells.
  "Endpoint switched?": {
    Type: "Choice",
    Choices: [
      {
        Condition: `{% $endpoint.status = 'InService' and $endpoint.configuration = ${NAME} %}`,
        Next: "Write serving record",
      },
      {
        Condition: "{% $not($endpoint.status in ['InService', 'Failed', 'OutOfService']) and $millis() < $deadline %}",
        Next: "Wait for endpoint",
      },
      {
        Condition: "{% $not($endpoint.status in ['InService', 'Failed', 'OutOfService']) %}",
        ...failure(
          "Update endpoint",
          "EndpointUpdateTimedOut",
          `{% 'The endpoint is still ' & $endpoint.status & ' after ${settings.endpointDeadlineInSeconds} s' %}`,
        ),
      },
    ],
    Default: "Update rolled back",
  },
  "Update rolled back": {
    Type: "Pass",
    ...failure(
      "Update endpoint",
      "EndpointUpdateRolledBack",
      `{% 'The endpoint is ' & $endpoint.status & ' with ' & $endpoint.configuration & ' instead of ' & ${NAME} & ': ' & $endpoint.reason %}`,
    ),
  },
  "Write serving record": step(
    "Write serving record",
    task("aws-sdk:ssm:putParameter", {
      Arguments: {
        Name: "{% $this.servingParameter %}",
        Overwrite: true,
        Value: jsonata(`$string({
          'modelVersion': $plan.runId,
          'featureHash': $plan.featureHash,
          'endpointConfigName': ${NAME},
          'modelName': ${NAME},
          'updatedAt': $now()
        })`),
      },
      Retry: THROTTLED,
      Next: "Promoted",
    }),
  ),
});

/** The endpoint's one variant, as the SageMaker API takes it. */
export function apiVariant(name: string, serving: Serving): Readonly<Record<string, unknown>> {
  return serving.mode === "serverless"
    ? {
        VariantName: name,
        ServerlessConfig: { MemorySizeInMB: serving.memorySizeInMb, MaxConcurrency: serving.maxConcurrency },
      }
    : {
        VariantName: name,
        InstanceType: serving.instanceType,
        InitialInstanceCount: serving.minInstances,
        InitialVariantWeight: 1,
      };
}
