import { jsonata, type State, step, task } from "../asl";
import type { RetrainingProps } from "./contract";

/** The run, by execution and place in its input: one execution may name a model twice. */
const CLAIM = "$states.context.Execution.Id & '#' & $string($states.context.Map.Item.Index)";

const claim = (lockTable: string, condition: string, values: object) => ({
  TableName: lockTable,
  Item: { model: { S: "{% $model %}" }, holder: { S: `{% ${CLAIM} %}` } },
  ConditionExpression: condition,
  ...values,
});

/**
 * Never two runs of one model at a time: a run holds its model's item in the lock table. An item whose execution has
 * ended without giving it back, because somebody stopped it, or that nobody remembers, is taken over.
 */
export const claimStates = ({ lockTable }: RetrainingProps): Record<string, State> => ({
  Claim: step(
    "Claim",
    task("dynamodb:putItem", {
      Arguments: claim(lockTable, "attribute_not_exists(model)", {}),
      Next: "Read serving record",
    }),
    "Is it held?",
  ),
  "Is it held?": {
    Type: "Choice",
    Choices: [
      {
        Condition: "{% $failure.error = 'DynamoDB.ConditionalCheckFailedException' %}",
        Next: "Find holder",
      },
    ],
    Default: "Failed",
  },
  "Find holder": step(
    "Claim",
    task("dynamodb:getItem", {
      Arguments: { TableName: lockTable, Key: { model: { S: "{% $model %}" } }, ConsistentRead: true },
      Assign: {
        holder: "{% $exists($states.result.Item) ? $states.result.Item.holder.S : 'nobody' %}",
        left: "{% $exists($states.result.Item.modelPackage) ? $states.result.Item.modelPackage.S : '' %}",
      },
      Next: "Describe holder",
    }),
  ),
  "Describe holder": step(
    "Claim",
    task("aws-sdk:sfn:describeExecution", {
      // A holder that is no execution is looked up as one that nobody has started.
      Arguments: {
        ExecutionArn: jsonata(
          "$contains($holder, ':execution:') ? $substringBefore($holder, '#') : $states.context.Execution.Id & '-nobody'",
        ),
      },
      Assign: { holding: "{% $states.result.Status = 'RUNNING' %}" },
      Next: "Does it run?",
    }),
    "Failed",
    // Step Functions forgets executions after 90 days; nobody is left to give the model back.
    [{ ErrorEquals: ["Sfn.ExecutionDoesNotExistException"], Next: "Take over" }],
  ),
  "Does it run?": {
    Type: "Choice",
    Choices: [
      {
        Condition: "{% $holding %}",
        Assign: {
          plan: jsonata("{'reason': 'another run of this model is under way: ' & $substringBefore($holder, '#')}"),
        },
        Next: "Skipped",
      },
    ],
    Default: "Take over",
  },
  "Take over": step(
    "Claim",
    task("dynamodb:putItem", {
      Arguments: claim(lockTable, "attribute_not_exists(model) OR holder = :holder", {
        ExpressionAttributeValues: { ":holder": { S: "{% $holder %}" } },
      }),
      Next: "Did it leave a candidate?",
    }),
  ),
  // Nobody waits for the decision any more, so somebody who approved it would wonder why nothing happens.
  "Did it leave a candidate?": {
    Type: "Choice",
    Choices: [{ Condition: "{% $left != '' %}", Next: "Look at candidate" }],
    Default: "Read serving record",
  },
  "Look at candidate": step(
    "Claim",
    task("aws-sdk:sagemaker:describeModelPackage", {
      Arguments: { ModelPackageName: "{% $left %}" },
      Assign: { undecided: "{% $states.result.ModelApprovalStatus = 'PendingManualApproval' %}" },
      Next: "Is it undecided?",
    }),
    // It was removed.
    "Read serving record",
  ),
  "Is it undecided?": {
    Type: "Choice",
    Choices: [{ Condition: "{% $undecided %}", Next: "Withdraw what was left" }],
    Default: "Read serving record",
  },
  "Withdraw what was left": step(
    "Claim",
    task("aws-sdk:sagemaker:updateModelPackage", {
      Arguments: {
        ModelPackageArn: "{% $left %}",
        ModelApprovalStatus: "Rejected",
        ApprovalDescription: "Its run was stopped before somebody decided",
      },
      Next: "Read serving record",
    }),
  ),
  "What to do?": {
    Type: "Choice",
    Choices: [{ Condition: "{% $exists($request.version) %}", Next: "Find version" }],
    Default: "Plan",
  },
  // Every end of a run comes by here. What is not this run's own, it cannot give back.
  Release: {
    ...task("dynamodb:deleteItem", {
      Arguments: {
        TableName: lockTable,
        Key: { model: { S: "{% $result.model %}" } },
        ConditionExpression: "holder = :claim",
        ExpressionAttributeValues: { ":claim": { S: `{% ${CLAIM} %}` } },
      },
      Next: "Notify",
    }),
    Catch: [{ ErrorEquals: ["States.ALL"], Next: "Notify" }],
  },
  Done: {
    Type: "Pass",
    Output: "{% $corrected = '' ? $result : $merge([$result, {'corrected': $corrected}]) %}",
    End: true,
  },
});
