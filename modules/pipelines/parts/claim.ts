import { jsonata, partWith } from "../asl";
import { type Failure, orElse, step } from "../failures";
import { task } from "../tasks";
import { variables } from "../variables";

export interface ClaimVariables {
  readonly model: string;
  readonly failure: Failure;
  /** The run that holds the model: execution and place in its input; `nobody` when it gave the model back meanwhile. */
  readonly holder: string;
  /** Whether the holder is still running. */
  readonly holding: boolean;
  /** The model package that the holder had a decision to wait for; empty without one. */
  readonly left: string;
  /** Says why the run does nothing. */
  readonly skipped: string;
  /** The run's result, of which only the model counts here. */
  readonly result: { readonly model: string };
}

const part = partWith<ClaimVariables>();
const { model, failure, holder, holding, result } = variables<ClaimVariables>();

/** JSONata for the run, by execution and place in its input: one execution may name a model twice. */
const RUN = "$states.context.Execution.Id & '#' & $string($states.context.Map.Item.Index)";

const claim = (lockTable: string, condition: string, values: object = {}) => ({
  TableName: lockTable,
  Item: { model: { S: jsonata(model) }, holder: { S: jsonata(RUN) } },
  ConditionExpression: condition,
  ...values,
});

/**
 * Sees that there are never two runs of one model at a time: a run holds its model's item in the lock table. An item
 * whose execution has ended without giving it back, because somebody stopped it, or that nobody remembers, is taken
 * over; `$left` then says what its run has left to decide.
 */
export const claimPart = <Exit extends string>(
  { lockTable }: { readonly lockTable: string },
  exits: { readonly claimed: Exit; readonly takenOver: Exit; readonly busy: Exit },
) =>
  part(exits, {
    Claim: step(
      "Claim",
      task("dynamodb:putItem", {
        Arguments: claim(lockTable, "attribute_not_exists(model)"),
        Next: exits.claimed,
      }),
      "Is it held?",
    ),
    "Is it held?": {
      Type: "Choice",
      Choices: [
        {
          Condition: jsonata(`${failure.error} = 'DynamoDB.ConditionalCheckFailedException'`),
          Next: "Find holder",
        },
      ],
      Default: "Failed",
    },
    "Find holder": step(
      "Claim",
      task("dynamodb:getItem", {
        Arguments: { TableName: lockTable, Key: { model: { S: jsonata(model) } }, ConsistentRead: true },
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
            `$contains(${holder}, ':execution:') ? $substringBefore(${holder}, '#') : $states.context.Execution.Id & '-nobody'`,
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
          Condition: jsonata(holding),
          Assign: {
            skipped: jsonata(`'another run of this model is under way: ' & $substringBefore(${holder}, '#')`),
          },
          Next: exits.busy,
        },
      ],
      Default: "Take over",
    },
    "Take over": step(
      "Claim",
      task("dynamodb:putItem", {
        Arguments: claim(lockTable, "attribute_not_exists(model) OR holder = :holder", {
          ExpressionAttributeValues: { ":holder": { S: jsonata(holder) } },
        }),
        Next: exits.takenOver,
      }),
    ),
  });

/** Gives the model back, whatever came of the run. An item that another run has taken over stays as it is. */
export const releasePart = <Exit extends string>(
  { lockTable }: { readonly lockTable: string },
  exits: { readonly released: Exit },
) =>
  part(exits, {
    Release: orElse(
      task("dynamodb:deleteItem", {
        Arguments: {
          TableName: lockTable,
          Key: { model: { S: jsonata(result.model) } },
          ConditionExpression: "holder = :claim",
          ExpressionAttributeValues: { ":claim": { S: jsonata(RUN) } },
        },
        Next: exits.released,
      }),
      exits.released,
    ),
  });
