import type { NotificationEvent } from "../../../contracts/notifications";
import { jsonata, type Task } from "../asl";
import { orElse } from "../failures";
import { task } from "../tasks";
import { type Expression, type Path, variables } from "../variables";

export interface NotifyVariables {
  readonly model: string;
}

export interface NotifyProps {
  /** ARN of the topic that hears of runs. */
  readonly topic: string;
  /** Project and environment, for people. */
  readonly environment: string;
}

/** What a document is about: its field, and JSONata for what stands there. */
interface Subject {
  readonly field: string;
  readonly value: Expression;
}

const OF_MODEL: Subject = { field: "model", value: variables<NotifyVariables>().model };

/**
 * Publishes a document about the run: `event` is the JSONata of its name, `about` that of an object with what belongs to
 * it. Best effort: a notification that cannot be sent never fails the run.
 */
export const publish = <To extends string, Variable extends string>(
  { topic, environment }: NotifyProps,
  event: `'${NotificationEvent}'` | Path<string>,
  about: Expression,
  next: To,
  { field, value }: Subject = OF_MODEL,
): Task<To, Variable> =>
  orElse(
    task("sns:publish", {
      Arguments: jsonata(`{
        'TopicArn': '${topic}',
        'Subject': $substring('${environment}: ' & ${event} & ': ' & ${value}, 0, 100),
        'Message': $string($merge([
          {'event': ${event}, 'environment': '${environment}', '${field}': ${value}, 'execution': $states.context.Execution.Id},
          ${about}
        ]), true)
      }`),
      Next: next,
    }),
    next,
  );
