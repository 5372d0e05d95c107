import { jsonata, type State, step, task } from "./asl";
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
      Assign: { holder: "{% $exists($states.result.Item) ? $states.result.Item.holder.S : 'nobody' %}" },
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
