import { SchedulerSchedule } from "@cdktf/provider-aws/lib/scheduler-schedule";
import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import type { Config } from "../config";
import { UNSCHEDULED } from "../config/schema/scoring";
import { BaseStack } from "../modules/base/base-stack";
import { entry, mapValues } from "../modules/base/tables";
import { tagsOf } from "../modules/base/tags";
import type { Bundles } from "../modules/functions/function-factory";
import { ServiceRole } from "../modules/identity/iam";
import { ExecutionWatch } from "../modules/observability/execution-watch";
import { type ScoredDataset, scoringDefinition } from "../modules/pipelines/scoring";
import { scoringFunctions } from "../modules/pipelines/scoring/functions";
import { scoringPrefix } from "../modules/pipelines/scoring/names";
import { allowScoring, allowTransform } from "../modules/pipelines/scoring/permissions";
import { StateMachine } from "../modules/pipelines/state-machine";
import type { HostedModel } from "../modules/sagemaker/hosted-model";
import type { EncryptionKey } from "../modules/storage/encryption-key";
import type { ApiStack } from "./api";
import type { SagemakerStack } from "./sagemaker";
import type { StepFunctionsStack } from "./step-functions";
import type { StorageStack } from "./storage";

export interface ScoringStackProps {
  readonly config: Config;
  readonly storage: StorageStack;
  readonly sagemaker: SagemakerStack;
  readonly api: ApiStack;
  readonly stepFunctions: StepFunctionsStack;
  readonly bundles: Bundles;
}

/** Scores all players: a state machine, the functions that it calls, and a schedule per dataset. */
export class ScoringStack extends BaseStack {
  readonly key: EncryptionKey;

  constructor(scope: Construct, props: ScoringStackProps) {
    super(scope, "scoring", props.config);
    this.key = props.storage.key;
    const { config, storage, sagemaker, stepFunctions } = props;
    const { topic, undelivered } = stepFunctions;
    const { once, extractFeatures } = scoringFunctions(this, {
      hosted: sagemaker.hosted,
      dataBuckets: storage.dataBuckets,
      bundles: props.bundles,
      assets: storage.assets,
      assessments: props.api.assessments,
      players: storage.players,
      bus: storage.bus,
      config,
    });
    const environment = `${config.project} ${config.environment}`;
    const machine = new StateMachine(this, "score", {
      name: "score",
      definition: scoringDefinition({
        functions: mapValues(once, ({ liveArn }) => liveArn),
        topic: topic.arn,
        environment,
        keyArn: this.key.arn,
        concurrency: config.scoring.concurrency,
        toleratedRejectedShare: config.pipeline.toleratedRejectedShare,
        tags: Object.entries(tagsOf(config)).map(([Key, Value]) => ({ Key, Value })),
        datasets: mapValues(
          storage.dataBuckets,
          ({ name: bucket }, dataset): ScoredDataset => ({
            bucket,
            extractFunction: entry(extractFeatures, dataset).liveArn,
            models: this.modelsOf(sagemaker.hosted.filter(({ model }) => model.dataset === dataset)),
          }),
        ),
      }),
    });
    new ExecutionWatch(this, "watch", {
      machine,
      name: "scoring",
      called: "the scoring's state machine",
      toldError: "ScoringFailed",
      environment,
      topic,
      undelivered,
    });
    allowScoring(machine.role, sagemaker.hosted, storage.dataBuckets);
    topic.grantPublish(machine.role);
    for (const hosted of sagemaker.hosted) allowTransform(hosted, storage.dataBuckets);
    for (const each of [...Object.values(once), ...Object.values(extractFeatures)]) each.grantInvoke(machine.role);
    this.schedule(machine, props);
    new TerraformOutput(this, "scoring-machine-arn", { value: machine.arn, staticId: true });
  }

  private modelsOf(hosted: readonly HostedModel[]): ScoredDataset["models"] {
    return Object.fromEntries(
      hosted.map(({ model, transformRole }) => [
        model.name,
        { prefix: scoringPrefix(this.naming, model.name), roleArn: transformRole.arn },
      ]),
    );
  }

  private schedule(machine: StateMachine, { config, storage, stepFunctions }: ScoringStackProps): void {
    const role = new ServiceRole(this, "schedule-role", {
      name: this.naming.of("role", "scoring", "schedule"),
      description: "EventBridge Scheduler starts the scoring's state machine",
      service: "scheduler.amazonaws.com",
    }).grant("execution:start", machine.arn);
    stepFunctions.undelivered.grantSend(role);
    for (const dataset of Object.keys(storage.dataBuckets)) {
      const { schedule, enabled } = config.scoring.datasets[dataset] ?? UNSCHEDULED;
      new SchedulerSchedule(this, `schedule-${dataset}`, {
        name: this.naming.of("schedule", "scoring", dataset),
        description: `Scores all players of ${dataset}`,
        scheduleExpression: schedule,
        state: enabled ? "ENABLED" : "DISABLED",
        flexibleTimeWindow: { mode: "OFF" },
        target: {
          arn: machine.arn,
          roleArn: role.arn,
          input: JSON.stringify({ dataset }),
          retryPolicy: { maximumRetryAttempts: 3, maximumEventAgeInSeconds: 3600 },
          deadLetterConfig: { arn: stepFunctions.undelivered.arn },
        },
        dependsOn: [role.policy],
      });
    }
  }
}
