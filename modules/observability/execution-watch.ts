import { CloudwatchEventRule } from "@cdktf/provider-aws/lib/cloudwatch-event-rule";
import { CloudwatchEventTarget } from "@cdktf/provider-aws/lib/cloudwatch-event-target";
import { Construct } from "constructs";
import type { NotificationEvent } from "../../contracts/notifications";
import { BaseStack } from "../base/base-stack";
import type { DeadLetterQueue } from "../messaging/dead-letter-queue";
import type { NotificationTopic } from "../messaging/notification-topic";
import type { StateMachine } from "../pipelines/state-machine";

export interface ExecutionWatchProps {
  readonly machine: StateMachine;
  /** Names the machine in the rule's name. */
  readonly name: string;
  /** Names the machine to people. */
  readonly called: string;
  /** Error of executions that failed and have told people themselves. */
  readonly toldError: string;
  /** Name of the environment in the documents that are published. */
  readonly environment: string;
  readonly topic: NotificationTopic;
  readonly undelivered: DeadLetterQueue;
}

/**
 * Tells people, by a topic that lets rules called so publish, of executions that ended without telling: aborted, timed out, or failed with an error that no state can
 * catch, such as States.Runtime. Step Functions sends these events as best it can
 * (https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-states.html).
 */
export class ExecutionWatch extends Construct {
  constructor(scope: Construct, id: string, props: ExecutionWatchProps) {
    super(scope, id);
    const { machine, topic, undelivered, environment, toldError } = props;
    const rule = new CloudwatchEventRule(this, "rule", {
      name: BaseStack.of(this).naming.of("rule", props.name, "ended"),
      description: `Executions of ${props.called} that ended without telling anybody`,
      eventPattern: JSON.stringify({
        source: ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        detail: {
          stateMachineArn: [machine.arn],
          $or: [
            { status: ["TIMED_OUT", "ABORTED"] },
            { status: ["FAILED"], error: [{ "anything-but": [toldError] }, { exists: false }, null] },
          ],
        },
      }),
    });
    new CloudwatchEventTarget(this, "target", {
      rule: rule.name,
      targetId: "notifications",
      arn: topic.arn,
      // Cause and error stay away: a path that is missing, or a quote in its text, would make this no JSON.
      inputTransformer: {
        inputPaths: { execution: "$.detail.executionArn", status: "$.detail.status" },
        inputTemplate: JSON.stringify({
          event: "Failed" satisfies NotificationEvent,
          environment,
          execution: "<execution>",
          reason:
            "The execution ended as <status>. Why: aws stepfunctions describe-execution --execution-arn <execution>",
        }),
      },
      retryPolicy: { maximumRetryAttempts: 3, maximumEventAgeInSeconds: 3600 },
      deadLetterConfig: { arn: undelivered.arn },
    });
  }
}
