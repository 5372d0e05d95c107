import { CloudwatchEventRule } from "@cdktf/provider-aws/lib/cloudwatch-event-rule";
import { CloudwatchEventTarget } from "@cdktf/provider-aws/lib/cloudwatch-event-target";
import {
  CloudwatchMetricAlarm,
  type CloudwatchMetricAlarmConfig,
} from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { SchedulerSchedule } from "@cdktf/provider-aws/lib/scheduler-schedule";
import { Construct } from "constructs";
import { REFERENCE_NAMES, REFERENCES } from "../catalogue/drift/reference";
import { SIGNAL_NAMES, SIGNALS } from "../catalogue/drift/signals";
import type { Config } from "../config";
import { HEADS } from "../contracts/audit-heads";
import { CAPTURED } from "../contracts/data-layout";
import { DRIFT_METRICS, type MetricBy, metricOf } from "../contracts/metrics";
import { DRIFT, RUN_FILES, runKey } from "../contracts/run-layout";
import { BaseStack } from "../modules/base/base-stack";
import { type Bundles, bucketNames, functionFactory, perModel } from "../modules/functions/function-factory";
import type { NodeFunction } from "../modules/functions/node-function";
import { ServiceRole } from "../modules/identity/iam";
import type { DeadLetterQueue } from "../modules/messaging/dead-letter-queue";
import type { NotificationTopic } from "../modules/messaging/notification-topic";
import type { StateMachine } from "../modules/pipelines/state-machine";
import type { HostedModel } from "../modules/sagemaker/hosted-model";
import type { EncryptionKey } from "../modules/storage/encryption-key";
import type { SagemakerStack } from "./sagemaker";
import type { StepFunctionsStack } from "./step-functions";
import type { StorageStack } from "./storage";

export interface MonitoringStackProps {
  readonly config: Config;
  readonly storage: StorageStack;
  readonly sagemaker: SagemakerStack;
  readonly stepFunctions: StepFunctionsStack;
  readonly bundles: Bundles;
}

const TRAFFIC_REFERENCE_FILES = [RUN_FILES.trafficReference, RUN_FILES.trafficReferenceRows] as const;
const REFERENCE_FILES = [RUN_FILES.reference, RUN_FILES.referenceRows, ...TRAFFIC_REFERENCE_FILES] as const;

/** Says as whom a schedule or a rule reaches its target, and where what it cannot deliver goes. */
interface Delivery {
  readonly role: ServiceRole;
  readonly undelivered: DeadLetterQueue;
}

/**
 * Watches the models, the reviews and the audit logs: measures drift on its schedule, counts reviews that nobody decides,
 * keeps the logs' heads, and has alarms, which tell people and may start retraining.
 */
export class MonitoringStack extends BaseStack {
  readonly key: EncryptionKey;

  constructor(scope: Construct, props: MonitoringStackProps) {
    super(scope, "monitoring", props.config);
    this.key = props.storage.key;
    const { machine, topic, undelivered } = props.stepFunctions;
    const drift = this.driftFunction(props).keepFailuresIn(undelivered);
    const scheduleRole = this.role("drift-schedule", "scheduler", "EventBridge Scheduler measures drift");
    drift.grantInvoke(scheduleRole);
    undelivered.grantSend(scheduleRole);
    const alarmRole = this.role("alarm", "events", "Alarms start the main state machine");
    alarmRole.grant("execution:start", machine.arn);

    this.watchReviews(props);
    this.anchorAudit(props);
    for (const dataset of Object.keys(props.storage.dataBuckets)) this.tellOfLostEvents(dataset, topic);
    for (const hosted of props.sagemaker.hosted) {
      const model = new Construct(this, hosted.model.name);
      this.schedule(model, hosted, { drift, role: scheduleRole, undelivered });
      if (hosted.model.suppression) this.tellOfLostHistory(model, hosted, topic);
      const alarms = this.alarms(model, hosted, topic);
      if (hosted.settings.retraining.onAlarm)
        this.retrain(model, hosted, alarms, { machine, role: alarmRole, undelivered });
    }
  }

  private role(name: string, service: "events" | "scheduler", description: string): ServiceRole {
    return new ServiceRole(this, `${name}-role`, {
      name: this.naming.of("role", name),
      description,
      service: `${service}.amazonaws.com`,
    });
  }

  private driftFunction({ config, storage, sagemaker, bundles }: MonitoringStackProps): NodeFunction<"drift"> {
    const nodeFunction = functionFactory(this, { settings: config.functions, bundles, bucket: storage.assets });
    const { windowHours, minimumRows, maximumRows, trafficReferenceHours, thresholds } = config.drift;
    return nodeFunction("drift", "Measures how far traffic is from what a model was trained on")
      .bind("WINDOW_HOURS", windowHours)
      .bind("MINIMUM_ROWS", minimumRows)
      .bind("MAXIMUM_ROWS", maximumRows)
      .bind("TRAFFIC_REFERENCE_HOURS", trafficReferenceHours)
      .bind("DRIFT_THRESHOLDS", thresholds)
      .bind("DATA_BUCKETS", bucketNames(storage.dataBuckets), (role) => {
        for (const bucket of Object.values(storage.dataBuckets)) bucket.grantRead(role, `${CAPTURED}*`);
      })
      .bind("MODEL_BUCKETS", bucketNames(storage.modelBuckets), (role) => {
        for (const bucket of Object.values(storage.modelBuckets)) {
          for (const path of REFERENCE_FILES) bucket.grantRead(role, runKey("*", path));
          for (const path of TRAFFIC_REFERENCE_FILES) bucket.grantWrite(role, runKey("*", path));
          bucket.grantWrite(role, `${DRIFT}*`);
        }
      })
      .bind(
        "SERVING_PARAMETERS",
        perModel(sagemaker.hosted, ({ endpoint }) => endpoint.servingParameter.name),
        (role) => {
          for (const { endpoint } of sagemaker.hosted) role.grant("parameter:read", endpoint.servingParameter.arn);
        },
      );
  }

  /** Counts each operator's overdue reviews every hour, and has an alarm on them, by which other people hear. */
  private watchReviews({ config, storage, stepFunctions, bundles }: MonitoringStackProps): void {
    const { topic, undelivered } = stepFunctions;
    const nodeFunction = functionFactory(this, { settings: config.functions, bundles, bucket: storage.assets });
    const operators = Object.keys(config.operators);
    const watch = nodeFunction("watch-reviews", "Counts reviews that nobody has decided in time")
      .bind("OPERATORS", operators)
      .bind("PLAYER_TABLE", storage.players.name, (role) => storage.players.grantList(role, "reviews"))
      .keepFailuresIn(undelivered);
    const role = this.role("reviews-schedule", "scheduler", "EventBridge Scheduler counts overdue reviews");
    this.ask(watch, "reviews", { role, undelivered, description: "Overdue reviews", when: "rate(1 hour)" });
    for (const operator of operators) {
      new CloudwatchMetricAlarm(this, `reviews-${operator}`, {
        alarmName: this.naming.of("alarm", operator, "reviews"),
        alarmDescription: `Reviews of ${operator} are overdue: GET /reviews lists them first`,
        ...metricOf("ReviewsOverdue", config.environment, operator),
        statistic: "Maximum",
        comparisonOperator: "GreaterThanThreshold",
        threshold: 0,
        period: 3600,
        evaluationPeriods: 1,
        // Between two counts nothing has changed.
        treatMissingData: "ignore",
        alarmActions: [topic.arn],
      });
    }
  }

  /** Keeps the head of each operator's audit log every day, of which nobody can then say that it was another. */
  private anchorAudit({ config, storage, stepFunctions, bundles }: MonitoringStackProps): void {
    const { undelivered } = stepFunctions;
    const nodeFunction = functionFactory(this, { settings: config.functions, bundles, bucket: storage.assets });
    const anchor = nodeFunction("anchor-audit", "Keeps the heads of audit logs where nobody can change them")
      .bind("OPERATORS", Object.keys(config.operators))
      .bind("AUDIT_TABLE", storage.audit.name, (role) => storage.audit.grantHeads(role))
      .bind("AUDIT_BUCKET", storage.auditHeads.name, (role) => storage.auditHeads.grantWrite(role, `${HEADS}*`))
      .keepFailuresIn(undelivered);
    const role = this.role("audit-schedule", "scheduler", "EventBridge Scheduler keeps the heads of audit logs");
    // Early in the day, so that tries after failures are of the same day.
    this.ask(anchor, "audit", { role, undelivered, description: "Heads of audit logs", when: "cron(15 0 * * ? *)" });
  }

  /** Asks a function on a schedule, with no input. */
  private ask(
    asked: NodeFunction,
    name: string,
    { role, undelivered, description, when }: Delivery & { readonly description: string; readonly when: string },
  ): void {
    asked.grantInvoke(role);
    undelivered.grantSend(role);
    new SchedulerSchedule(this, `${name}-schedule`, {
      name: this.naming.of("schedule", name),
      description,
      scheduleExpression: when,
      flexibleTimeWindow: { mode: "OFF" },
      target: {
        arn: asked.liveArn,
        roleArn: role.arn,
        retryPolicy: { maximumRetryAttempts: 3, maximumEventAgeInSeconds: 3600 },
        deadLetterConfig: { arn: undelivered.arn },
      },
      dependsOn: [role.policy],
    });
  }

  private schedule(
    scope: Construct,
    { model }: HostedModel,
    { drift, role, undelivered }: Delivery & { readonly drift: NodeFunction },
  ): void {
    const { schedule, enabled } = this.config.drift;
    new SchedulerSchedule(scope, "schedule", {
      name: this.naming.of("schedule", "drift", model.name),
      description: `Drift of ${model.name}`,
      scheduleExpression: schedule,
      state: enabled ? "ENABLED" : "DISABLED",
      flexibleTimeWindow: { mode: "OFF" },
      target: {
        arn: drift.liveArn,
        roleArn: role.arn,
        input: JSON.stringify({ model: model.name }),
        retryPolicy: { maximumRetryAttempts: 3, maximumEventAgeInSeconds: 3600 },
        deadLetterConfig: { arn: undelivered.arn },
      },
      dependsOn: [role.policy],
    });
  }

  /** Makes the alarm on what is known of players, when it is not at hand: predictions of the model are suppressed meanwhile. */
  private tellOfLostHistory(scope: Construct, { model }: HostedModel, topic: NotificationTopic): void {
    new CloudwatchMetricAlarm(scope, "history", {
      alarmName: this.naming.of("alarm", model.name, "history"),
      alarmDescription: `What is known of players is not at hand, and ${model.name} is suppressed: see the log of predict`,
      ...metricOf("HistoryErrors", this.config.environment, model.dataset),
      statistic: "Sum",
      comparisonOperator: "GreaterThanThreshold",
      threshold: 0,
      period: 300,
      // A table that answers late once is no news.
      evaluationPeriods: 2,
      treatMissingData: "notBreaching",
      alarmActions: [topic.arn],
    });
  }

  /** Makes the alarm on predictions whose events neither the bus nor the queue behind it took. */
  private tellOfLostEvents(dataset: string, topic: NotificationTopic): void {
    new CloudwatchMetricAlarm(this, `lost-events-${dataset}`, {
      alarmName: this.naming.of("alarm", dataset, "lost-events"),
      alarmDescription: `Predictions of ${dataset} are followed by nothing: see the log of predict`,
      ...metricOf("EventsLost", this.config.environment, dataset),
      statistic: "Sum",
      comparisonOperator: "GreaterThanThreshold",
      threshold: 0,
      period: 300,
      evaluationPeriods: 1,
      treatMissingData: "notBreaching",
      alarmActions: [topic.arn],
    });
  }

  /**
   * Makes an alarm for each signal of drift and what it is from, one for any of them, by which a run is started once, and
   * those that the configuration lists.
   */
  private alarms(
    scope: Construct,
    { model, settings }: HostedModel,
    topic: NotificationTopic,
  ): readonly CloudwatchMetricAlarm[] {
    const { naming, config } = this;
    const alarm = (
      id: string,
      alarmDescription: string,
      nameParts: readonly string[],
      condition: Omit<CloudwatchMetricAlarmConfig, "alarmName">,
    ) =>
      new CloudwatchMetricAlarm(scope, id, {
        alarmName: naming.of("alarm", model.name, ...nameParts),
        alarmDescription,
        // A measurement that was skipped is not one without drift: it neither sets an alarm off nor ends it. An alarm
        // that ended for want of data would go off again, and retrain again, with every measurement of the same drift.
        treatMissingData: "ignore",
        ...condition,
      });
    const above = (metric: MetricBy<"model">, threshold: number) => ({
      ...metricOf(metric, config.environment, model.name),
      statistic: "Maximum",
      comparisonOperator: "GreaterThanThreshold",
      threshold,
      // Longer than a metric takes from the function's log, far shorter than the time between two measurements.
      period: 300,
      evaluationPeriods: 1,
    });
    for (const reference of REFERENCE_NAMES) {
      for (const signal of SIGNAL_NAMES) {
        if (signal === "risk" && model.riskThresholds === undefined) continue;
        const threshold = config.drift.thresholds[signal];
        const said = `The traffic of ${model.name} ${REFERENCES[reference].differs}`;
        alarm(
          `drift-${reference}-${signal}`,
          `${said}: ${SIGNALS[signal].is} is above ${threshold}`,
          ["drift", reference, signal],
          { ...above(DRIFT_METRICS[reference][signal], threshold), alarmActions: [topic.arn] },
        );
      }
    }
    return [
      alarm("drift", `Signals of ${model.name} say that its players have changed`, ["drift"], above("DriftSignals", 0)),
      ...settings.retraining.alarms.map(({ name, metric, comparison, periodInSeconds, ...condition }) =>
        alarm(`alarm-${name}`, `${metric} of ${condition.namespace}, for ${model.name}`, ["retrain", name], {
          ...condition,
          metricName: metric,
          comparisonOperator: comparison,
          period: periodInSeconds,
          alarmActions: [topic.arn],
        }),
      ),
    ];
  }

  /** Starts a run of the model when one of its alarms goes off; the run needs new labels. */
  private retrain(
    scope: Construct,
    { model }: HostedModel,
    alarms: readonly CloudwatchMetricAlarm[],
    { machine, role, undelivered }: Delivery & { readonly machine: StateMachine },
  ): void {
    const rule = new CloudwatchEventRule(scope, "rule", {
      name: this.naming.of("rule", model.name, "alarm"),
      description: `An alarm of ${model.name} retrains it`,
      eventPattern: JSON.stringify({
        source: ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        detail: { alarmName: alarms.map(({ alarmName }) => alarmName), state: { value: ["ALARM"] } },
      }),
    });
    new CloudwatchEventTarget(scope, "target", {
      rule: rule.name,
      targetId: "main",
      arn: machine.arn,
      roleArn: role.arn,
      // Not forced: what has changed shows in the records' labels months later, and old ones would train the old model.
      input: JSON.stringify({ models: [{ model: model.name, trigger: "alarm" }] }),
      retryPolicy: { maximumRetryAttempts: 3, maximumEventAgeInSeconds: 3600 },
      deadLetterConfig: { arn: undelivered.arn },
      dependsOn: [role.policy],
    });
  }
}
