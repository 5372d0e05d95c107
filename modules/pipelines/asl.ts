/** One state of Amazon States Language. */
export type State = Readonly<Record<string, unknown>> & { readonly Type: string };

/** A JSONata expression; on one line, as validators of Amazon States Language want it. */
export const jsonata = (expression: string): string => `{% ${expression.replace(/\s+/g, " ")} %}`;

/**
 * Errors that a repetition may mend, by the start of a task's resource. Optimized integrations name errors as version 1
 * of the AWS SDK for Java does, aws-sdk ones as version 2. A throttled call has no class of its own in SageMaker, SSM,
 * Step Functions and SNS: it is the service's general exception, and so is a request that is wrong, which is then
 * repeated in vain. Sources: "Handling errors in
 * Step Functions" and "AWS SDK service integrations" (developer guide), issue 162 of
 * aws/aws-step-functions-data-science-sdk-python.
 */
const PASSING_ERRORS: readonly (readonly [resource: string, errors: readonly string[]])[] = [
  [
    "lambda:",
    [
      "Lambda.ServiceException",
      "Lambda.AWSLambdaException",
      "Lambda.SdkClientException",
      "Lambda.TooManyRequestsException",
      "Lambda.ClientExecutionTimeoutException",
    ],
  ],
  ["sagemaker:", ["SageMaker.AmazonSageMakerException", "SageMaker.SdkClientException"]],
  ["aws-sdk:sagemaker:", ["SageMaker.SageMakerException", "SageMaker.SdkClientException"]],
  [
    "aws-sdk:ssm:",
    ["Ssm.SsmException", "Ssm.ThrottlingException", "Ssm.InternalServerErrorException", "Ssm.SdkClientException"],
  ],
  ["aws-sdk:sfn:", ["Sfn.SfnException", "Sfn.SdkClientException"]],
  [
    "aws-sdk:applicationautoscaling:",
    [
      "ApplicationAutoScaling.ApplicationAutoScalingException",
      "ApplicationAutoScaling.ConcurrentUpdateException",
      "ApplicationAutoScaling.InternalServiceException",
      "ApplicationAutoScaling.SdkClientException",
    ],
  ],
  [
    "dynamodb:",
    [
      "DynamoDB.AmazonDynamoDBException",
      // With and without the suffix: reports from accounts differ.
      "DynamoDB.InternalServerError",
      "DynamoDB.InternalServerErrorException",
      "DynamoDB.ProvisionedThroughputExceededException",
      "DynamoDB.RequestLimitExceeded",
      "DynamoDB.RequestLimitExceededException",
      "DynamoDB.ThrottlingException",
      "DynamoDB.SdkClientException",
    ],
  ],
  [
    "sns:",
    [
      "SNS.AmazonSNSException",
      "SNS.InternalErrorException",
      "SNS.KMSThrottlingException",
      "SNS.ThrottledException",
      "SNS.SdkClientException",
    ],
  ],
];

/** Attempts after the first; with the default interval of 5 s they span two and a half minutes at the most. */
const ATTEMPTS = 5;

export interface Patience {
  readonly intervalInSeconds?: number;
  readonly attempts?: number;
}

/** For what people wait for: half a minute at the most. */
export const HASTE: Patience = { intervalInSeconds: 2, attempts: 4 };

/** For a look-up whose answer may be that there is nothing: that is the service's general exception too. */
export const BRIEF: Patience = { intervalInSeconds: 1, attempts: 2 };

/** The `Retry` of a task. Throws when the table has no errors for its resource. */
function retry(resource: string, { intervalInSeconds = 5, attempts = ATTEMPTS }: Patience): readonly object[] {
  const found = PASSING_ERRORS.find(([start]) => resource.startsWith(start));
  if (!found) throw new Error(`PASSING_ERRORS has no row for ${resource}`);
  return [
    {
      ErrorEquals: found[1],
      IntervalSeconds: intervalInSeconds,
      MaxAttempts: attempts,
      BackoffRate: 2,
      JitterStrategy: "FULL",
    },
  ];
}

/** Characters of a cause. An execution's, which joins those of all models, may have 32,768 (SensitiveCause of the service model). */
const LONGEST_CAUSE = 2000;

/**
 * Why a step failed, for people: services wrap it in a document of their own. A job that could not even be created has
 * no such document, so its fields must not be relied on.
 */
const CAUSE = jsonata(`(
  $text := $states.errorOutput.Cause;
  $document := $substring($text, 0, 1) = '{' ? $parse($text) : {};
  $substring(
    $exists($document.ExitMessage) ? $document.ExitMessage
      : $exists($document.FailureReason) ? $document.FailureReason
      : $exists($document.errorMessage) ? $document.errorType & ': ' & $document.errorMessage
      : $text,
    0, ${LONGEST_CAUSE}
  )
)`);

/**
 * Makes a state that, when it fails, ends this model's run as failed, naming the step and the cause; or goes to `next`,
 * which may find a remedy first. `known` errors go to states of their own. The champion serves on.
 */
export const step = (name: string, state: State, next = "Failed", known: readonly object[] = []): State => ({
  ...state,
  Catch: [
    ...known,
    {
      ErrorEquals: ["States.ALL"],
      Assign: {
        failure: { step: name, error: "{% $states.errorOutput.Error %}", cause: CAUSE },
      },
      Next: next,
    },
  ],
});

/** A verdict reached by a Choice: what went wrong, in the form that `step` gives to caught errors. */
export const failure = (name: string, error: string, cause: string) => ({
  Assign: { failure: { step: name, error, cause } },
  Next: "Failed",
});

/** Calls a function; what it returns is `$states.result.Payload`. */
export const invoke = (
  functionArn: string,
  payload: unknown,
  state: Readonly<Record<string, unknown>>,
  resource = "lambda:invoke",
): State => task(resource, { Arguments: { FunctionName: functionArn, Payload: payload }, ...state }, HASTE);

/** Calls a service, and again when the call met an error that may pass. */
export const task = (resource: string, state: Readonly<Record<string, unknown>>, patience: Patience = {}): State => ({
  Type: "Task",
  Resource: `arn:aws:states:::${resource}`,
  Retry: retry(resource, patience),
  ...state,
});
