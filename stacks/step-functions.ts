import { CloudwatchEventRule } from "@cdktf/provider-aws/lib/cloudwatch-event-rule";
import { CloudwatchEventTarget } from "@cdktf/provider-aws/lib/cloudwatch-event-target";
import { SchedulerSchedule } from "@cdktf/provider-aws/lib/scheduler-schedule";
import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import type { Config } from "../config";
import { BaseStack } from "../modules/base/base-stack";
import { entry, mapValues } from "../modules/base/tables";
import { tagsOf } from "../modules/base/tags";
import { type Bundles, perModel } from "../modules/functions/function-factory";
import type { NodeFunction } from "../modules/functions/node-function";
import { ServiceRole } from "../modules/identity/iam";
import { DeadLetterQueue } from "../modules/messaging/dead-letter-queue";
import { NotificationTopic } from "../modules/messaging/notification-topic";
import { ExecutionWatch } from "../modules/observability/execution-watch";
import { retrainingDefinition } from "../modules/pipelines/retraining";
import { retrainingFunctions } from "../modules/pipelines/retraining/functions";
import { allowRetraining } from "../modules/pipelines/retraining/permissions";
import { retrainedModel } from "../modules/pipelines/retraining/retrained-model";
import { StateMachine } from "../modules/pipelines/state-machine";
import { type Asset, UploadedFolder } from "../modules/storage/asset";
import type { EncryptionKey } from "../modules/storage/encryption-key";
import { LockTable } from "../modules/storage/lock-table";
import type { SagemakerStack } from "./sagemaker";
import type { StorageStack } from "./storage";

export interface StepFunctionsStackProps {
  readonly config: Config;
  readonly storage: StorageStack;
  readonly sagemaker: SagemakerStack;
  readonly bundles: Bundles;
  /** Files of the evaluation program. */
  readonly evaluationCode: readonly Asset[];
}

/**
 * Runs the retraining: the main state machine, the functions that it calls, and a schedule per model, its time horizon.
 */
export class StepFunctionsStack extends BaseStack {
  readonly key: EncryptionKey;
  /** Retrains models; other stacks start it. */
  readonly machine: StateMachine;
  /** Tells people what runs do, and of alarms. */
  readonly topic: NotificationTopic;
  /** Keeps what rules and schedules could not deliver. */
  readonly undelivered: DeadLetterQueue;

  constructor(scope: Construct, props: StepFunctionsStackProps) {
    super(scope, "step-functions", props.config);
    this.key = props.storage.key;
    const { config, storage, sagemaker } = props;
    const { naming } = this;
    const locks = new LockTable(this, "locks", { name: naming.of("table", "runs") });
    const { prepare, ...functions } = retrainingFunctions(this, {
      hosted: sagemaker.hosted,
      dataBuckets: storage.dataBuckets,
      modelBuckets: storage.modelBuckets,
      assets: storage.assets,
      bundles: props.bundles,
      labels: storage.labels,
      locks,
      settings: config.functions,
      money: config.money,
      endpointTimeoutInMs: config.api.endpointTimeoutInMs,
      dataRetentionDays: config.storage.dataRetentionDays,
    });
    const topic = new NotificationTopic(this, "notifications", {
      name: naming.of("topic", "retraining"),
      settings: config.notifications,
    });
    this.topic = topic;
    // Those that other stacks make are not known yet.
    topic.allow("cloudwatch.amazonaws.com", naming.arn("cloudwatch", `alarm:${naming.of("alarm", "*")}`));
    topic.allow("events.amazonaws.com", naming.arn("events", `rule/${naming.of("rule", "*", "ended")}`));
    this.undelivered = new DeadLetterQueue(this, "undelivered", {
      name: "undelivered",
      says: "An event or a schedule could not be delivered",
      topicArn: topic.arn,
      rules: naming.arn("events", `rule/${naming.of("rule", "*")}`),
    });
    const environment = `${config.project} ${config.environment}`;
    const evaluation = new UploadedFolder(this, "evaluation-code", {
      assets: props.evaluationCode,
      bucket: storage.assets,
      prefix: "evaluation/",
    });
    const machine = new StateMachine(this, "main", {
      name: "main",
      definition: retrainingDefinition({
        functions: mapValues(functions, ({ liveArn }) => liveArn),
        topic: topic.arn,
        environment,
        lockTable: locks.name,
        keyArn: storage.key.arn,
        settings: config.pipeline,
        models: perModel(sagemaker.hosted, (hosted) =>
          retrainedModel(hosted, {
            bucket: entry(storage.modelBuckets, hosted.model.name),
            prepare: entry(prepare, hosted.model.dataset),
            evaluation,
            tags: tagsOf(config),
          }),
        ),
      }),
    });
    this.machine = machine;
    new ExecutionWatch(this, "watch", {
      machine,
      name: "execution",
      called: "the main state machine",
      toldError: "RetrainingFailed",
      environment,
      topic,
      undelivered: this.undelivered,
    });
    allowRetraining(machine.role, sagemaker.hosted, storage.modelBuckets);
    locks.grantHold(machine.role);
    topic.grantPublish(machine.role);
    for (const { trainingRole } of sagemaker.hosted) storage.assets.grantRead(trainingRole, evaluation.pattern);
    for (const each of [...Object.values(prepare), ...Object.values(functions)]) each.grantInvoke(machine.role);

    this.schedule(machine, sagemaker);
    this.hearDecisions(functions["await-approval"], sagemaker);
    new TerraformOutput(this, "state-machine-arn", { value: machine.arn, staticId: true });
    new TerraformOutput(this, "notifications-topic-arn", { value: topic.arn, staticId: true });
  }

  /** Lets a waiting run go on as soon as somebody approves or rejects its candidate in the model registry. */
  private hearDecisions(awaitApproval: NodeFunction, { hosted }: SagemakerStack): void {
    const rule = new CloudwatchEventRule(this, "decisions", {
      name: this.naming.of("rule", "decisions"),
      description: "Somebody approved or rejected a candidate",
      eventPattern: JSON.stringify({
        source: ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Package State Change"],
        detail: {
          ModelPackageGroupName: hosted.map(({ versions }) => versions.name),
          ModelApprovalStatus: ["Approved", "Rejected"],
        },
      }),
    });
    new CloudwatchEventTarget(this, "decisions-target", {
      rule: rule.name,
      targetId: "await-approval",
      arn: awaitApproval.liveArn,
      retryPolicy: { maximumRetryAttempts: 10, maximumEventAgeInSeconds: 3600 },
      deadLetterConfig: { arn: this.undelivered.arn },
    });
    awaitApproval.keepFailuresIn(this.undelivered).permit("decisions", "events.amazonaws.com", rule.arn);
  }

  private schedule(machine: StateMachine, { hosted }: SagemakerStack): void {
    const role = new ServiceRole(this, "schedule-role", {
      name: this.naming.of("role", "schedule"),
      description: "EventBridge Scheduler starts the main state machine",
      service: "scheduler.amazonaws.com",
    }).grant("execution:start", machine.arn);
    this.undelivered.grantSend(role);
    for (const { model, settings } of hosted) {
      new SchedulerSchedule(this, `schedule-${model.name}`, {
        name: this.naming.of("schedule", model.name),
        description: `Time horizon of ${model.name}`,
        scheduleExpression: settings.retraining.schedule,
        state: settings.retraining.enabled ? "ENABLED" : "DISABLED",
        flexibleTimeWindow: { mode: "OFF" },
        target: {
          arn: machine.arn,
          roleArn: role.arn,
          input: JSON.stringify({ models: [model.name] }),
          retryPolicy: { maximumRetryAttempts: 3, maximumEventAgeInSeconds: 3600 },
          deadLetterConfig: { arn: this.undelivered.arn },
        },
        dependsOn: [role.policy],
      });
    }
  }
}
