import { SchedulerSchedule } from "@cdktf/provider-aws/lib/scheduler-schedule";
import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import { datasetNamed } from "../catalogue/datasets";
import { DEFAULT_GATE } from "../catalogue/gate";
import { type Model, sharedHyperparameters } from "../catalogue/models";
import type { Config } from "../config";
import { type Artefact, UploadedFolder } from "../modules/artefact";
import { ServiceRole } from "../modules/iam";
import { LockTable } from "../modules/lock-table";
import { apiVariant, type RetrainedModel, retrainingDefinition } from "../modules/main-state-machine";
import { VARIANT } from "../modules/model-endpoint";
import type { NodeFunction } from "../modules/node-function";
import { StateMachine } from "../modules/state-machine";
import { tagsOf } from "../modules/tags";
import { BaseStack } from "./base";
import { type Bundles, functionFactory } from "./functions";
import { entry, type HostedModel, type SagemakerStack } from "./sagemaker";
import type { StorageStack } from "./storage";

export interface StepFunctionsStackProps {
  readonly config: Config;
  readonly storage: StorageStack;
  readonly sagemaker: SagemakerStack;
  readonly bundles: Bundles;
  /** Files of the evaluation program. */
  readonly evaluationCode: readonly Artefact[];
}

/** The main state machine, the functions that it calls, and a schedule per model: its time horizon. */
export class StepFunctionsStack extends BaseStack {
  constructor(scope: Construct, props: StepFunctionsStackProps) {
    super(scope, "step-functions", props.config);
    const { config, storage, sagemaker } = props;
    const functions = this.functions(props);
    const locks = new LockTable(this, "locks", { name: this.naming.of("table", "runs"), key: storage.key });
    const evaluation = new UploadedFolder(this, "evaluation-code", {
      artefacts: props.evaluationCode,
      bucket: storage.artefacts,
      prefix: "evaluation",
    });
    const prepareOf = (hosted: HostedModel) => entry(functions.prepare, hosted.model.dataset);
    const machine = new StateMachine(this, "main", {
      config,
      naming: this.naming,
      key: storage.key,
      name: "main",
      definition: retrainingDefinition({
        planFunction: functions.plan.liveArn,
        gateFunction: functions.gate.liveArn,
        probeFunction: functions.probe.liveArn,
        lockTable: locks.name,
        keyArn: storage.key.arn,
        settings: config.retraining,
        models: Object.fromEntries(
          sagemaker.hosted.map((hosted) => [
            hosted.model.name,
            this.retrained(hosted, storage, prepareOf(hosted), evaluation),
          ]),
        ),
      }),
    });
    this.allow(machine.role, storage, sagemaker);
    locks.grantHold(machine.role);
    for (const { trainingRole } of sagemaker.hosted) storage.artefacts.grantRead(trainingRole, evaluation.pattern);
    functions.plan.grantInvoke(machine.role);
    functions.gate.grantInvoke(machine.role);
    functions.probe.grantInvoke(machine.role);
    for (const prepare of Object.values(functions.prepare)) prepare.grantInvoke(machine.role);

    this.schedule(machine, sagemaker);
    new TerraformOutput(this, "state-machine-arn", { value: machine.arn, staticId: true });
  }

  private functions({ config, storage, sagemaker, bundles }: StepFunctionsStackProps) {
    const nodeFunction = functionFactory(this, this.naming, config, storage, bundles);
    const names = (table: StorageStack["dataBuckets"]) =>
      JSON.stringify(Object.fromEntries(Object.entries(table).map(([name, bucket]) => [name, bucket.name])));

    const perModel = (value: (hosted: HostedModel) => unknown) =>
      JSON.stringify(Object.fromEntries(sagemaker.hosted.map((hosted) => [hosted.model.name, value(hosted)])));

    const plan = nodeFunction("plan", "plan", "Finds a model's training data and chooses the compute for it")
      .bind("DATA_BUCKETS", names(storage.dataBuckets), (role) => {
        for (const bucket of Object.values(storage.dataBuckets)) role.grant("bucket:list", bucket.arn);
      })
      .bind("MODEL_BUCKETS", names(storage.modelBuckets), (role) => {
        for (const bucket of Object.values(storage.modelBuckets)) bucket.grantWrite(role, "runs/*/manifest.json");
      })
      .bind(
        "STATE_PARAMETERS",
        perModel(({ endpoint }) => ({
          serving: endpoint.servingParameter.name,
          lastRun: endpoint.lastRunParameter.name,
        })),
        (role) => {
          for (const { endpoint } of sagemaker.hosted) {
            role.grant("parameter:read", endpoint.servingParameter.arn, endpoint.lastRunParameter.arn);
          }
        },
      )
      .bind(
        "MAXIMUM_COSTS_IN_USD",
        perModel(({ settings }) => settings.retraining.maximumCostInUsd),
      );
    const gate = nodeFunction("gate", "gate", "Judges a candidate by its evaluation").bind(
      "MODEL_BUCKETS",
      names(storage.modelBuckets),
      (role) => {
        for (const bucket of Object.values(storage.modelBuckets)) bucket.grantRead(role, "runs/*/evaluation/*");
      },
    );
    const prepare = Object.fromEntries(
      Object.entries(storage.dataBuckets).map(([dataset, dataBucket]) => {
        const modelBuckets = Object.fromEntries(
          sagemaker.hosted
            .filter(({ model }) => model.dataset === dataset)
            .map(({ model }) => [model.name, entry(storage.modelBuckets, model.name)]),
        );
        return [
          dataset,
          nodeFunction(`prepare-${dataset}`, "prepare", `Makes training rows of ${dataset} records`)
            .bind("DATA_BUCKETS", names({ [dataset]: dataBucket }), (role) => dataBucket.grantRead(role, "records/*"))
            .bind("MODEL_BUCKETS", names(modelBuckets), (role) => {
              for (const bucket of Object.values(modelBuckets)) bucket.grantWrite(role, "runs/*");
            }),
        ] as const;
      }),
    );
    const probe = nodeFunction("probe", "probe", "Sends synthetic traffic to a model's endpoint")
      .bind("ENDPOINT_TIMEOUT_MS", String(config.api.endpointTimeoutInMs))
      .bind(
        "ENDPOINTS",
        perModel(({ endpoint }) => endpoint.name),
        (role) => {
          for (const { endpoint } of sagemaker.hosted) role.grant("endpoint:invoke", endpoint.arn);
        },
      );
    return { plan, prepare, gate, probe };
  }

  private retrained(
    hosted: HostedModel,
    storage: StorageStack,
    prepare: NodeFunction,
    evaluation: UploadedFolder,
  ): RetrainedModel {
    const { model, settings, image, endpoint, trainingRole, servingRole } = hosted;
    const { serving, training, retraining } = settings;
    const vpc = (of: typeof training.vpc) =>
      of && { VpcConfig: { Subnets: of.subnetIds, SecurityGroupIds: of.securityGroupIds } };
    const tags = Object.entries({ ...tagsOf(this.config), Model: model.name });
    const common = {
      EnableNetworkIsolation: training.networkIsolation,
      Tags: tags.map(([Key, Value]) => ({ Key, Value })),
    };
    return {
      bucket: entry(storage.modelBuckets, model.name).name,
      prepareFunction: prepare.liveArn,
      image,
      endpoint: endpoint.name,
      servingParameter: endpoint.servingParameter.name,
      prefix: this.prefix(hosted),
      retainCapacity: serving.mode === "realtime",
      trainingJob: {
        ...common,
        ...vpc(training.vpc),
        AlgorithmSpecification: { TrainingImage: image, TrainingInputMode: "File" },
        RoleArn: trainingRole.arn,
        HyperParameters: Object.fromEntries(
          Object.entries({ ...sharedHyperparameters, ...model.hyperparameters }).map(([name, value]) => [
            name,
            String(value),
          ]),
        ),
      },
      servedModel: { ...common, ...vpc(serving.vpc), ExecutionRoleArn: servingRole.arn },
      endpointConfiguration: {
        Tags: common.Tags,
        ...(serving.mode === "realtime" && { KmsKeyId: storage.key.arn }),
      },
      productionVariant: apiVariant(VARIANT, serving),
      lastRunParameter: endpoint.lastRunParameter.name,
      versions: hosted.versions.name,
      approval: retraining.approval,
      gate: retraining.gate ?? DEFAULT_GATE[model.target],
      versionsToKeep: retraining.versionsToKeep,
      evaluation: {
        RoleArn: trainingRole.arn,
        Tags: common.Tags,
        NetworkConfig: { EnableNetworkIsolation: training.networkIsolation, ...vpc(training.vpc) },
      },
      evaluationCode: evaluation.uri,
      evaluationArguments: evaluationArguments(model, retraining.alertBudget),
    };
  }

  private prefix({ model }: HostedModel): string {
    return this.naming.of("sagemakerPrefix", model.name);
  }

  private allow(role: ServiceRole, storage: StorageStack, { hosted }: SagemakerStack): void {
    const here = `${this.config.region}:${this.config.accountId}`;
    for (const each of hosted) {
      const named = (kind: string) => `arn:aws:sagemaker:${here}:${kind}/${this.prefix(each)}-*`;
      role
        .grant("object:read", `${entry(storage.modelBuckets, each.model.name).arn}/runs/*/manifest.json`)
        .grant("training:run", named("training-job"))
        .grant("model:create", named("model"))
        .grant("endpoint-config:create", named("endpoint-config"))
        .grant("endpoint:update", each.endpoint.arn, named("endpoint-config"))
        .grant("processing:run", named("processing-job"))
        .grant("model:retire", named("model"))
        .grant("endpoint-config:retire", named("endpoint-config"))
        .grant(
          "model-package:register",
          each.versions.arn,
          `arn:aws:sagemaker:${here}:model-package/${each.versions.name}/*`,
        )
        .grant("parameter:write", each.endpoint.servingParameter.arn, each.endpoint.lastRunParameter.arn)
        .grantPassRole("sagemaker.amazonaws.com", each.trainingRole.arn, each.servingRole.arn);
    }
    role
      .grant("key:use", storage.key.arn)
      .grant("key:delegate", storage.key.arn)
      .grant(
        "job-events:follow",
        `arn:aws:events:${here}:rule/StepFunctionsGetEventsForSageMakerTrainingJobsRule`,
        `arn:aws:events:${here}:rule/StepFunctionsGetEventsForSageMakerProcessingJobsRule`,
      )
      .grantUnbound("endpoint-config:list");
  }

  private schedule(machine: StateMachine, { hosted }: SagemakerStack): void {
    const role = new ServiceRole(this, "schedule-role", {
      name: this.naming.of("role", "schedule"),
      description: "EventBridge Scheduler starts the main state machine",
      service: "scheduler.amazonaws.com",
      accountId: this.config.accountId,
    }).grant("execution:start", machine.arn);
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
        },
      });
    }
  }
}

/** How the evaluation program is called for a model, apart from what only a run knows. */
function evaluationArguments({ name, dataset, target }: Model, alertBudget: number): readonly string[] {
  const age = datasetNamed(dataset).features.findIndex((feature) => feature.name === "age");
  return [
    "--model",
    name,
    "--task",
    target === "stake" ? "regression" : "binary",
    "--alert-budget",
    String(alertBudget),
    "--age-feature",
    age < 0 ? "none" : String(age),
  ];
}
