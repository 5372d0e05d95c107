import type { Task, TaskFields } from "./asl";
import { HASTE, PATIENT, type Patience, retryOf } from "./retries";

/** Calls a service, and again when the call met an error that may pass. */
export const task = <const To extends string, Variable extends string>(
  resource: string,
  fields: TaskFields<To, NoInfer<Variable>>,
  patience: Patience = PATIENT,
): Task<To, Variable> => ({
  Type: "Task",
  Resource: `arn:aws:states:::${resource}`,
  Retry: retryOf(resource, patience),
  ...fields,
});

/** Calls a function; what it returns is `$states.result.Payload`. */
export const invoke = <const To extends string, Variable extends string>(
  functionArn: string,
  payload: unknown,
  fields: TaskFields<To, NoInfer<Variable>>,
): Task<To, Variable> =>
  task("lambda:invoke", { Arguments: { FunctionName: functionArn, Payload: payload }, ...fields }, HASTE);

/** Calls a function that gets a task token, and waits until somebody answers with it; `TimeoutSeconds` says how long. */
export const invokeAndWait = <const To extends string, Variable extends string>(
  functionArn: string,
  payload: Readonly<Record<string, unknown>>,
  fields: TaskFields<To, NoInfer<Variable>> & { readonly TimeoutSeconds: string },
): Task<To, Variable> =>
  task(
    "lambda:invoke.waitForTaskToken",
    {
      Arguments: { FunctionName: functionArn, Payload: { ...payload, token: "{% $states.context.Task.Token %}" } },
      ...fields,
    },
    HASTE,
  );
