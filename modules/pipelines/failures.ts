import { type Catcher, type Failed, jsonata, type MapState, type Task } from "./asl";

/** Tells people what went wrong in a run. */
export interface Failure {
  readonly step: string;
  readonly error: string;
  readonly cause: string;
}

/**
 * Bounds the characters of a cause. An execution's cause joins those of all models; it may have 32,768 (SensitiveCause
 * of the service model).
 */
const LONGEST_CAUSE = 2000;

/**
 * JSONata expression for why a step failed: services wrap the reason in a document of their own. A job that could not
 * even be created has no such document, so its fields must not be relied on.
 */
export const CAUSE = jsonata(`(
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

/** Ends the run as failed, with a step, an error and a cause, as `step` does for errors that it catches. */
export const failure = (step: string, error: string, cause: string) =>
  ({ Assign: { failure: { step, error, cause } satisfies Failure }, Next: "Failed" }) as const;

/**
 * Makes a state that, when it fails, ends this model's run as failed, naming the step and the cause; or goes to `next`,
 * which may find a remedy first. `known` errors go to states of their own. The champion serves on.
 */
export const step = <
  const To extends string,
  Variable extends string,
  Else extends string = Failed,
  Known extends string = never,
>(
  name: string,
  state: Task<To, NoInfer<Variable>> | MapState<To, NoInfer<Variable>>,
  next: Else | Failed = "Failed",
  known: readonly Catcher<Known, NoInfer<Variable>>[] = [],
): Task<NoInfer<To | Else | Known> | Failed, Variable> | MapState<NoInfer<To | Else | Known> | Failed, Variable> => ({
  ...state,
  Catch: [
    ...known,
    {
      ErrorEquals: ["States.ALL"],
      Assign: { failure: { step: name, error: "{% $states.errorOutput.Error %}", cause: CAUSE } },
      Next: next,
    },
  ],
});

/** Makes a state that, when it fails, goes to a state that deals with it without being told why. */
export const orElse = <const To extends string, Variable extends string, Else extends string>(
  state: Task<To, NoInfer<Variable>>,
  next: Else,
): Task<NoInfer<To | Else>, Variable> => ({ ...state, Catch: [{ ErrorEquals: ["States.ALL"], Next: next }] });
