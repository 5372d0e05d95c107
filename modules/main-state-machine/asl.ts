/** One state of Amazon States Language. */
export type State = Readonly<Record<string, unknown>> & { readonly Type: string };

/** A JSONata expression; on one line, as validators of Amazon States Language want it. */
export const jsonata = (expression: string): string => `{% ${expression.replace(/\s+/g, " ")} %}`;

/** What a called service may recover from by itself. */
export const TRANSIENT = [
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

export const THROTTLED = [
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
  $exists($document.ExitMessage) ? $document.ExitMessage
    : $exists($document.FailureReason) ? $document.FailureReason
    : $exists($document.errorMessage) ? $document.errorType & ': ' & $document.errorMessage
    : $text
)`);

/** A step that, when it fails, ends this model's run as failed, naming the step and the cause; or goes to
 * `next`, which may find a remedy first. The champion serves on. */
export const step = (name: string, state: State, next = "Failed"): State => ({
  ...state,
  Catch: [
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
): State => task(resource, { Arguments: { FunctionName: functionArn, Payload: payload }, Retry: TRANSIENT, ...state });

export const task = (resource: string, state: Readonly<Record<string, unknown>>): State => ({
  Type: "Task",
  Resource: `arn:aws:states:::${resource}`,
  ...state,
});
