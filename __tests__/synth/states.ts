import { randomUUID } from "node:crypto";
import jsonata from "jsonata";
import type { RetrainedModel } from "../../modules/pipelines/retraining";
import type { SynthesizedStack } from "./synthesize";

interface Transition {
  readonly Next: string;
  readonly Condition?: string;
  readonly ErrorEquals?: readonly string[];
  readonly Assign?: Readonly<Record<string, unknown>>;
}

/** A state as written in Amazon States Language, as far as tests look at it. */
export interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly End?: boolean;
  readonly Default?: string;
  readonly Catch?: readonly Transition[];
  readonly Choices?: readonly Transition[];
  readonly Arguments?: unknown;
  readonly Assign?: Readonly<Record<string, unknown>>;
  readonly Output?: unknown;
  readonly ItemProcessor?: { readonly StartAt: string; readonly States: States };
}

type States = Readonly<Record<string, State>>;

export interface MainStateMachine {
  readonly definition: { readonly States: States };
  /** The states that each model of an execution goes through. */
  readonly perModel: States;
  /** Settings of each model, as the machine has them. */
  readonly settings: Readonly<Record<string, RetrainedModel>>;
}

/** The main state machine of a synthesized stack. */
export function mainStateMachine(stepFunctions: SynthesizedStack): MainStateMachine {
  const { definition: text } = stepFunctions.one("aws_sfn_state_machine");
  // Terraform fills the references in; for the shape any text does.
  const definition = JSON.parse((text as string).replace(/\$\{[^}]+\}/g, "reference"));
  const { Settings, "Each model": each } = definition.States;
  return { definition, perModel: each.ItemProcessor.States, settings: Settings.Assign.settings };
}

type Variables = Readonly<Record<string, unknown>>;

/** The value with every JSONata expression in it evaluated; as in Step Functions, one without a result is an error. */
export async function evaluate(value: unknown, variables: Variables): Promise<unknown> {
  if (typeof value === "string") {
    const expression = /^\{%(.*)%\}$/s.exec(value)?.[1];
    if (expression === undefined) return value;
    const compiled = jsonata(expression);
    // Step Functions' own.
    compiled.registerFunction("parse", (text: string) => JSON.parse(text));
    compiled.registerFunction("uuid", () => randomUUID());
    const result = await compiled.evaluate(undefined, variables);
    if (result === undefined) throw new Error(`has no result: ${expression}`);
    // Without JSONata's own marks on arrays.
    return JSON.parse(JSON.stringify(result));
  }
  if (Array.isArray(value)) return Promise.all(value.map((item) => evaluate(item, variables)));
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(async ([key, inner]) => [key, await evaluate(inner, variables)] as const);
    return Object.fromEntries(await Promise.all(entries));
  }
  return value;
}
