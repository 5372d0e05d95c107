import type { Task, TaskFields } from "./asl";
import { HASTE, PATIENT, type Patience, retryOf } from "./retries";

/** Makes a task that calls a service, and calls it again after an error that may pass; `retries.ts` decides which. */
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

/** Makes a task that calls a function; what the function returns is `$states.result.Payload`. */
export const invoke = <const To extends string, Variable extends string>(
  functionArn: string,
  payload: unknown,
  fields: TaskFields<To, NoInfer<Variable>>,
): Task<To, Variable> =>
  task("lambda:invoke", { Arguments: { FunctionName: functionArn, Payload: payload }, ...fields }, HASTE);

/** Makes a task that gives a function a task token, and waits for `TimeoutSeconds` until somebody answers with it. */
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
