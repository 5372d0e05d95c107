/**
 * Errors that a repetition may mend, throttling among them, by the start of a task's resource. Optimized integrations
 * name errors as version 1 of the AWS SDK for Java does, aws-sdk ones as version 2. A throttled call has no class of its
 * own in SageMaker, SSM, Step Functions and SNS: it is the service's general exception, and so is a request that is
 * wrong, which is then repeated in vain. Sources: "Handling errors in Step Functions" and "AWS SDK service integrations"
 * (developer guide), issue 162 of aws/aws-step-functions-data-science-sdk-python.
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

/** Bounds the repetitions of a call that fails: the first pause, which doubles each time, and their number. */
export interface Patience {
  readonly intervalInSeconds: number;
  readonly attempts: number;
}

/** Spans two and a half minutes at the most. */
export const PATIENT: Patience = { intervalInSeconds: 5, attempts: 5 };

/** Spans half a minute at the most, for calls that people wait for. */
export const HASTE: Patience = { intervalInSeconds: 2, attempts: 4 };

/**
 * Spans three seconds, for a look-up whose answer may be that there is nothing: that is the service's general exception
 * too.
 */
export const BRIEF: Patience = { intervalInSeconds: 1, attempts: 2 };

/** Decides when a task is repeated: its `Retry`. Throws when the table has no errors for the task's resource. */
export function retryOf(resource: string, { intervalInSeconds, attempts }: Patience): readonly object[] {
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
