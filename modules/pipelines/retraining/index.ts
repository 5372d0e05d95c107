import type { RunExpressions } from "../../../contracts/run-result";
import { jsonata, type Machine, machineWith } from "../asl";
import { failure, step } from "../failures";
import { claimPart, releasePart } from "../parts/claim";
import { publish } from "../parts/notify";
import { registerScalingPart } from "../parts/scaling";
import { trainPart } from "../parts/train";
import { approvePart } from "./approve";
import { call, returned } from "./calls";
import type { RetrainingProps } from "./contract";
import { evaluatePart } from "./evaluate";
import { countLabelsPart, labelPart } from "./label";
import { planPart } from "./plan";
import { prepareRowsPart } from "./prepare-rows";
import { promotePart, recordRunPart } from "./promote";
import { prunePart } from "./prune";
import { reconcilePart } from "./reconcile";
import { registerPart } from "./register";
import { rollBackPart } from "./rollback";
import { type RetrainingVariables, run } from "./variables";
import { withdrawPart } from "./withdraw";

/**
 * Bounds the requests of an execution: more than anybody has models. Thousands of items would cost the history its
 * 25,000 events, and every run its end.
 */
const MOST_REQUESTS = 50;

const machine = machineWith<RetrainingVariables>();
const { settings, model, checked, request, plan, rows, records, labelling, judged, modelPackage } = run;
const { skipped, failure: failed, corrected, result } = run;

/**
 * Defines the retraining state machine in Amazon States Language (JSONata): for each model of the input
 * `{"models": ["<model>" or a request, …]}` plan → prepare rows → label → train → evaluate → judge → register → approve →
 * promote → prune, where promotion counts only once the endpoint is seen to run the requested configuration. Fails, after
 * all models had their turn, when any of them failed.
 */
export const retrainingDefinition = (props: RetrainingProps): object => ({
  Comment: 'Retrains and promotes models. Input: {"models": ["<model>", …]}',
  QueryLanguage: "JSONata",
  ...machine("Settings", {
    Settings: {
      Type: "Pass",
      Assign: { settings: props.models },
      Next: "Anything asked for?",
    },
    "Anything asked for?": {
      Type: "Choice",
      Choices: [
        {
          Condition: `{% $type($states.input) = 'object' and $type($states.input.models) = 'array' and $count($states.input.models) in [1..${MOST_REQUESTS}] and $count($keys($states.input)) = 1 %}`,
          Next: "Each model",
        },
      ],
      Default: "Nothing asked for",
    },
    "Nothing asked for": {
      Type: "Fail",
      Error: "UnsoundInput",
      Cause: `The input must be {"models": [<model's name or request>, …]} with 1 to ${MOST_REQUESTS} requests, and nothing else. The catalogue has ${Object.keys(props.models).join(", ")}`,
    },
    "Each model": {
      Type: "Map",
      Items: "{% $states.input.models %}",
      MaxConcurrency: Object.keys(props.models).length,
      ItemProcessor: { ProcessorConfig: { Mode: "INLINE" }, ...modelMachine(props) },
      Next: "Any failed?",
    },
    "Any failed?": {
      Type: "Choice",
      Choices: [{ Condition: "{% 'Failed' in $states.input.status %}", Next: "Run failed" }],
      Default: "Run succeeded",
    },
    "Run failed": {
      Type: "Fail",
      Error: "RetrainingFailed",
      Cause:
        "{% $substring($join($states.input[status = 'Failed'].(model & ' failed at ' & step & ': ' & error & ': ' & cause), '; '), 0, 32768) %}",
    },
    "Run succeeded": { Type: "Succeed" },
  }),
});

/** Ends a model's run with what the execution will say of it. */
const end = <const To extends string>(result: RunExpressions, next: To) =>
  ({ Type: "Pass", Assign: { result }, Next: next }) as const;

const SELECTED = {
  request: jsonata(checked.request),
  modelSettings: jsonata(`$lookup(${settings}, ${checked.request.model})`),
  labellingSettings: jsonata(
    `$merge([$lookup(${settings}, ${checked.request.model}).policy.labelling, ${checked.request.labelling}])`,
  ),
  unscaled: false,
};

/** Result of a run that reached a verdict. */
const VERDICT: Omit<RunExpressions, "status"> = {
  model: jsonata(model),
  modelVersion: jsonata(plan.runId),
  champion: jsonata(plan.champion.modelVersion),
  planned: jsonata(plan.reason),
  maximumCostInUsd: jsonata(plan.maximumCostInUsd),
  compute: jsonata(plan.compute),
  rows: jsonata(rows),
  records: jsonata(records),
  labels: jsonata(labelling),
  reason: jsonata(judged.reason),
  metrics: jsonata(judged.metrics),
  championMetrics: jsonata(judged.championMetrics),
  report: jsonata(judged.report),
  modelPackage: jsonata(modelPackage),
};

/** Makes the machine of one model's run. */
const modelMachine = (props: RetrainingProps): Machine =>
  machine("Select", {
    // A run that fails must be able to say of which model, whatever somebody sent.
    Select: {
      Type: "Pass",
      Assign: {
        model: jsonata(`$type($states.input) = 'object'
          ? ($exists($states.input.model) ? $string($states.input.model) : 'no model') : $string($states.input)`),
        corrected: "{% '' %}",
      },
      Next: "Check request",
    },
    "Check request": step(
      "Check request",
      call(
        props.functions,
        "check-request",
        {
          request: "{% $states.input %}",
          policies: jsonata(`$merge($each(${settings}, function($each, $name) { {$name: $each.policy} }))`),
        },
        { Assign: { checked: jsonata(returned("check-request")) }, Next: "Sound request?" },
      ),
    ),
    "Sound request?": {
      Type: "Choice",
      Choices: [{ Condition: jsonata(`$exists(${checked.request})`), Assign: SELECTED, Next: "Claim" }],
      Default: "Unsound request",
    },
    "Unsound request": { Type: "Pass", ...failure("Check request", "UnsoundRequest", jsonata(checked.problem)) },
    ...claimPart(props, {
      claimed: "Read serving record",
      takenOver: "Did it leave a candidate?",
      busy: "Skipped",
    }),
    ...withdrawPart({ withdrawn: "Read serving record" }),
    ...reconcilePart({ reconciled: "What to do?" }),
    "What to do?": {
      Type: "Choice",
      Choices: [{ Condition: jsonata(`$exists(${request.version})`), Next: "Find version" }],
      Default: "Plan",
    },
    ...planPart(props, { planned: "Prepare rows", nothing: "Skipped" }),
    ...prepareRowsPart(props, { prepared: "Count labels" }),
    ...countLabelsPart(props, { counted: "How to label?", again: "Prepare rows" }),
    ...labelPart(props, { labelled: "Choose compute", tooFew: "Skipped" }),
    ...trainPart(props, { trained: "Evaluate" }),
    ...evaluatePart(props, { judged: "Register" }),
    ...registerPart({ registered: "Good enough?" }),
    ...approvePart(props, { approved: "Create endpoint configuration", rejected: "Record run" }),
    ...rollBackPart({ found: "Create endpoint configuration" }),
    ...promotePart(props, { serves: "Promoted or rolled back?" }),
    "Promoted or rolled back?": {
      Type: "Choice",
      Choices: [{ Condition: jsonata(`$exists(${request.version})`), Next: "Rolled back" }],
      Default: "Record run",
    },
    ...recordRunPart({ promoted: "Promoted", rejected: "Rejected" }),
    Skipped: end({ model: jsonata(model), status: "Skipped", reason: jsonata(skipped) }, "Does it scale?"),
    Failed: end(
      {
        model: jsonata(model),
        status: "Failed",
        step: jsonata(failed.step),
        error: jsonata(failed.error),
        cause: jsonata(failed.cause),
      },
      "Does it scale?",
    ),
    Rejected: end({ status: "Rejected", ...VERDICT }, "Prune"),
    Promoted: end({ status: "Promoted", ...VERDICT }, "Prune"),
    "Rolled back": end({ model: jsonata(model), status: "RolledBack", modelVersion: jsonata(plan.runId) }, "Prune"),
    ...prunePart(props, { pruned: "Does it scale?" }),
    // Every end of a run comes by here.
    ...registerScalingPart({ done: "Release" }),
    ...releasePart(props, { released: "Notify" }),
    Notify: publish(props, result.status, result, "Done"),
    Done: {
      Type: "Pass",
      Output: jsonata(`${corrected} = '' ? ${result} : $merge([${result}, {'corrected': ${corrected}}])`),
      End: true,
    },
  });

export type { RetrainedModel } from "./contract";
