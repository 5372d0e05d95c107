import type { RetrainingFunctionName } from "../../../contracts/functions";
import type { Input } from "../../../contracts/inputs";
import type { CheckedRequest } from "../../../contracts/retrain-request";
import type { Asked } from "../../../handlers/retraining/ask-labellers/handler";
import type { CollectedLabels } from "../../../handlers/retraining/collect-labels/handler";
import type { CountedLabels } from "../../../handlers/retraining/count-labels/logic";
import type { GateResult } from "../../../handlers/retraining/judge-candidate/logic";
import type { Plan } from "../../../handlers/retraining/plan/logic";
import type { Task, TaskFields } from "../asl";
import { invoke } from "../tasks";
import { type Path, path } from "../variables";

/** Results of the state machine's functions, by name. */
interface Results {
  "check-request": CheckedRequest;
  plan: Plan;
  "count-labels": CountedLabels;
  "ask-labellers": Asked;
  "collect-labels": CollectedLabels;
  "judge-candidate": GateResult;
  "prune-versions": unknown;
}

/** Input of a function, of which each field is a value or JSONata for one. */
export type Payload<Name extends keyof Results> = { readonly [Field in keyof Input<Name>]: unknown };

export type FunctionArns = Readonly<Record<RetrainingFunctionName, string>>;

/** Makes a task that calls a function with the fields that it takes. */
export const call = <Name extends keyof Results, const To extends string, Variable extends string>(
  functions: FunctionArns,
  name: Name,
  payload: Payload<Name>,
  fields: TaskFields<To, NoInfer<Variable>>,
): Task<To, Variable> => invoke(functions[name], payload, fields);

/** JSONata for what a function that was just called returned. */
export const returned = <Name extends keyof Results>(_name: Name): Path<Results[Name]> =>
  path("$states.result.Payload");
