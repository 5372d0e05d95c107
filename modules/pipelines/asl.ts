/**
 * Types of Amazon States Language (JSONata), and what builds a state machine of parts. `To` are the names of the states
 * that a state may go to, `Variable` the names of the variables that it may assign: a `Next` that names no state, or an
 * `Assign` of a variable that nobody has written down, does not compile.
 */
import type { Expression } from "./variables";

interface Assigning<Variable extends string> {
  /** Values of variables; `failure`, which every machine has, says why a run goes to `Failed`. */
  readonly Assign?: { readonly [Name in Variable | "failure"]?: unknown };
}

interface Transition<To extends string, Variable extends string> extends Assigning<Variable> {
  readonly Next: To;
}

/** Transition of a state that met one of these errors. */
export interface Catcher<To extends string, Variable extends string> extends Transition<To, Variable> {
  readonly ErrorEquals: readonly string[];
}

interface Rule<To extends string, Variable extends string> extends Transition<To, Variable> {
  readonly Condition: string;
}

type Onward<To extends string> =
  | { readonly Next: To; readonly End?: never }
  | { readonly End: true; readonly Next?: never };

export interface Choice<To extends string, Variable extends string> extends Assigning<Variable> {
  readonly Type: "Choice";
  readonly Choices: readonly Rule<To, Variable>[];
  readonly Default: To;
}

export type Pass<To extends string, Variable extends string> = Assigning<Variable> &
  Onward<To> & { readonly Type: "Pass"; readonly Output?: unknown };

export type Wait<To extends string> = Onward<To> & { readonly Type: "Wait"; readonly Seconds: number | string };

/** The fields of a task beside its resource and its `Retry`. */
export type TaskFields<To extends string, Variable extends string> = Assigning<Variable> &
  Onward<To> & {
    readonly Arguments?: unknown;
    readonly Output?: unknown;
    readonly TimeoutSeconds?: number | string;
    readonly Catch?: readonly Catcher<To, Variable>[];
  };

export type Task<To extends string, Variable extends string> = TaskFields<To, Variable> & {
  readonly Type: "Task";
  readonly Resource: string;
  readonly Retry: readonly object[];
};

export type MapState<To extends string, Variable extends string> = Assigning<Variable> &
  Onward<To> & {
    readonly Type: "Map";
    readonly Label?: string;
    readonly Items?: string;
    readonly ItemReader?: object;
    readonly ItemSelector?: object;
    readonly MaxConcurrency: number;
    readonly ToleratedFailurePercentage?: number;
    readonly ItemProcessor: Machine & { readonly ProcessorConfig: object };
    readonly Catch?: readonly Catcher<To, Variable>[];
  };

interface Succeed {
  readonly Type: "Succeed";
}

interface Fail {
  readonly Type: "Fail";
  readonly Error: string;
  readonly Cause: string;
}

export type State<To extends string, Variable extends string> =
  | Choice<To, Variable>
  | Pass<To, Variable>
  | Wait<To>
  | Task<To, Variable>
  | MapState<To, Variable>
  | Succeed
  | Fail;

/** Name of the state to which every `step` goes that fails without a remedy; each machine of parts must have it. */
export type Failed = "Failed";

/** A part of a state machine: states by name, which go to each other, to the exits of the part, and to `Failed`. */
export type Part<Name extends string, Exit extends string, Variable extends string> = Readonly<
  Record<Name, State<Name | Exit | Failed, Variable>>
>;

/**
 * Returns the function that makes parts of a machine with these variables. A part's exits are the states that it goes to
 * when it is done, by what it has come to; whoever composes the parts names them.
 */
export const partWith =
  <Variables extends object>() =>
  <
    Exit extends string,
    const States extends {
      readonly [Name in keyof States]: State<(keyof States & string) | Exit | Failed, keyof Variables & string>;
    },
  >(
    _exits: Readonly<Record<string, Exit>>,
    states: States,
  ): Part<keyof States & string, Exit, keyof Variables & string> => ({ ...states, [Symbol("part")]: states });

/** A closed set of states, and the one to begin with. */
export interface Machine {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State<string, string>>>;
}

/**
 * Returns the function that makes a machine of states and parts; none may go to a state that is not there. It throws when
 * two parts have a state of one name, of which the spread keeps the last.
 */
export const machineWith =
  <Variables extends object>() =>
  <
    const States extends {
      readonly [Name in keyof States]: State<keyof States & string, keyof Variables & string>;
    },
  >(
    StartAt: keyof States & string,
    states: States,
  ): Machine => {
    for (const name of overwritten(states)) {
      throw new Error(`Two parts of the state machine have a state named "${name}"; rename it in one of them`);
    }
    return { StartAt, States: states };
  };

/** Finds the names of states that are not those of their part any more. Spreads copy what parts have under symbols. */
function overwritten(states: object): string[] {
  const parts = Object.getOwnPropertySymbols(states).map((symbol): object => Reflect.get(states, symbol));
  return parts.flatMap((part) =>
    Object.keys(part).filter((name) => Reflect.get(part, name) !== Reflect.get(states, name)),
  );
}

/** Marks JSONata as an expression, on one line, as validators of Amazon States Language want it. */
export const jsonata = (expression: Expression): string => `{% ${String(expression).replace(/\s+/g, " ")} %}`;
