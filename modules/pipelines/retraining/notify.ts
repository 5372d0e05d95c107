import type { NotificationEvent } from "../../../contracts/notifications";
import { jsonata, type State, task } from "../asl";
import type { RetrainingProps } from "./contract";

/**
 * Publishes a document about the run: the JSONata expression of its event, and of an object with what belongs to it.
 * When it cannot, the run goes on: nobody's news is worth a run.
 */
const publish = ({ topic, environment }: RetrainingProps, event: string, about: string, next: string): State => ({
  ...task("sns:publish", {
    Arguments: jsonata(`{
      'TopicArn': '${topic}',
      'Subject': $substring('${environment}: ' & ${event} & ': ' & $model, 0, 100),
      'Message': $string($merge([
        {'event': ${event}, 'environment': '${environment}', 'model': $model, 'execution': $states.context.Execution.Id},
        ${about}
      ]), true)
    }`),
    Next: next,
  }),
  Catch: [{ ErrorEquals: ["States.ALL"], Next: next }],
});

const named = (event: NotificationEvent): string => `'${event}'`;

/** Tells people when they are wanted, and how a run ended. */
export const notifyStates = (props: RetrainingProps): Record<string, State> => ({
  "Notify labellers": publish(
    props,
    named("LabelsWanted"),
    "{'runId': $plan.runId, 'reason': $labels.reason, 'unlabelled': $rows.unlabelled, 'withinSeconds': $labelling.deadlineInSeconds}",
    "Ask people",
  ),
  "Notify approver": publish(
    props,
    named("ApprovalWanted"),
    "{'modelVersion': $plan.runId, 'modelPackage': $modelPackage, 'reason': $judged.reason, 'metrics': $judged.metrics, 'championMetrics': $judged.championMetrics, 'report': $judged.report, 'until': $fromMillis($approveUntil)}",
    "Wait for approval",
  ),
  Notify: publish(props, "$result.status", "$result", "Done"),
});
