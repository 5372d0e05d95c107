import type { RetrainingFunctionName } from "../../../contracts/functions";
import type { CheckedRequest } from "../../../contracts/retrain-request";
import type { Asked, AskInput } from "../../../handlers/retraining/ask-labellers";
import type { CheckRequestInput } from "../../../handlers/retraining/check-request";
import type { CollectInput } from "../../../handlers/retraining/collect-labels";
import type { Collected } from "../../../handlers/retraining/collect-labels/logic";
import type { Tally, TallyInput } from "../../../handlers/retraining/count-labels/logic";
import type { GateInput } from "../../../handlers/retraining/judge-candidate";
import type { GateResult } from "../../../handlers/retraining/judge-candidate/logic";
import type { Plan, PlanInput } from "../../../handlers/retraining/plan/logic";
import type { PruneInput } from "../../../handlers/retraining/prune-versions";
import type { Task, TaskFields } from "../asl";
import { invoke } from "../tasks";
import { type Path, path } from "../variables";

/** Inputs and results of the state machine's functions, by name. */
interface Calls {
  "check-request": [CheckRequestInput, CheckedRequest];
  plan: [PlanInput, Plan];
  "count-labels": [TallyInput, Tally];
  "ask-labellers": [AskInput, Asked];
  "collect-labels": [CollectInput, Collected];
  "judge-candidate": [GateInput, GateResult];
  "prune-versions": [PruneInput, unknown];
}

/** Input of a function, of which each field is a value or JSONata for one. */
export type Payload<Name extends keyof Calls> = { readonly [Field in keyof Calls[Name][0]]: unknown };

export type FunctionArns = Readonly<Record<RetrainingFunctionName, string>>;

/** Makes a task that calls a function with the fields that it takes. */
export const call = <Name extends keyof Calls, const To extends string, Variable extends string>(
  functions: FunctionArns,
  name: Name,
  payload: Payload<Name>,
  fields: TaskFields<To, NoInfer<Variable>>,
): Task<To, Variable> => invoke(functions[name], payload, fields);

/** JSONata for what a function that was just called returned. */
export const returned = <Name extends keyof Calls>(_name: Name): Path<Calls[Name][1]> => path("$states.result.Payload");
