import { DataAwsSagemakerPrebuiltEcrImage } from "@cdktf/provider-aws/lib/data-aws-sagemaker-prebuilt-ecr-image";
import { SagemakerModelPackageGroup } from "@cdktf/provider-aws/lib/sagemaker-model-package-group";
import { Construct } from "constructs";
import { datasetNamed } from "../catalogue/datasets";
import { featureHash } from "../catalogue/datasets/kit/dataset";
import type { Model } from "../catalogue/models";
import type { Config, ModelSettings } from "../config";
import { INITIAL, RUNS, runKey } from "../contracts/run-layout";
import { BaseStack } from "../modules/base/base-stack";
import { entry } from "../modules/base/tables";
import { ServiceRole } from "../modules/identity/iam";
import { ModelEndpoint, storageTakesKey } from "../modules/sagemaker/model-endpoint";
import { type Artefact, UploadedArtefact } from "../modules/storage/artefact";
import type { StorageStack } from "./storage";

/** The release whose boosters we write and whose training the emulator runs. */
const BUILT_IN_IMAGE = { repositoryName: "sagemaker-xgboost", imageTag: "3.0-5" };

export interface SagemakerStackProps {
  readonly config: Config;
  readonly models: readonly Model[];
  readonly storage: StorageStack;
  /** By model: an archive with a booster that answers the model's base score. */
  readonly initialModels: Readonly<Record<string, Artefact>>;
}

interface Image {
  readonly uri: string;
  readonly repositoryArn: string;
}

/** What later stacks need of one model on SageMaker. */
export interface HostedModel {
  readonly model: Model;
  readonly settings: ModelSettings;
  readonly endpoint: ModelEndpoint;
  readonly image: string;
  readonly servingRole: ServiceRole;
  readonly trainingRole: ServiceRole;
  /** The model package group. */
  readonly versions: { readonly name: string; readonly arn: string };
}

/** Per model: roles that reach its own bucket only, initial model, endpoint, and model package group. */
export class SagemakerStack extends BaseStack {
  readonly hosted: readonly HostedModel[];

  constructor(scope: Construct, { config, models, storage, initialModels }: SagemakerStackProps) {
    super(scope, "sagemaker", config);
    const builtIn = new DataAwsSagemakerPrebuiltEcrImage(this, "built-in-image", BUILT_IN_IMAGE);
    const image: Image = {
      uri: builtIn.registryPath,
      repositoryArn: `arn:aws:ecr:${config.region}:${builtIn.registryId}:repository/${BUILT_IN_IMAGE.repositoryName}`,
    };
    this.hosted = models.map((model) => this.host(model, storage, initialModels, image));
  }

  private host(
    model: Model,
    storage: StorageStack,
    initialModels: SagemakerStackProps["initialModels"],
    builtInImage: Image,
  ): HostedModel {
    const { config, naming } = this;
    const scope = new Construct(this, model.name);
    const settings = entry(config.models, model.name);
    const bucket = entry(storage.modelBuckets, model.name);
    const repository = entry(storage.repositories, model.name);

    const image: Image =
      settings.image === "ecr"
        ? { uri: `${repository.url}:${settings.imageTag}`, repositoryArn: repository.arn }
        : builtInImage;

    const role = (purpose: "serving" | "training") => {
      const made = new ServiceRole(scope, `${purpose}-role`, {
        name: naming.of("role", model.name, purpose),
        description: `SageMaker ${purpose} of ${model.name}`,
        service: "sagemaker.amazonaws.com",
        accountId: config.accountId,
      })
        .grant("job-log:write", `arn:aws:logs:${config.region}:${config.accountId}:log-group:/aws/sagemaker/*`)
        .grantUnbound("metric:write-sagemaker")
        // For SageMaker's own images too.
        .grant("image:pull", image.repositoryArn)
        .grantUnbound("registry:login");
      if (settings[purpose].vpc) made.grantUnbound("network-interface:manage");
      return made;
    };
    const servingRole = role("serving");
    // Models, and no rows of players.
    for (const pattern of [`${INITIAL}*`, runKey("*", "output/*")]) bucket.grantRead(servingRole, pattern);
    if (storageTakesKey(settings.serving)) storage.key.grantVolumes(servingRole);
    if (settings.serving.mode === "realtime") {
      // SageMaker watches an update's alarms as the endpoint. By pattern, because the alarms depend on the endpoint.
      const alarms = `${config.region}:${config.accountId}:alarm:${naming.of("alarm", model.name, "*")}`;
      servingRole.grant("alarm:describe", `arn:aws:cloudwatch:${alarms}`);
    }
    const trainingRole = role("training");
    bucket.grantRead(trainingRole);
    bucket.grantWrite(trainingRole, `${RUNS}*`);
    for (const folder of ["train", "labelling"] as const) bucket.grantWrite(trainingRole, runKey("*", `${folder}/*`));
    trainingRole.grant("key:encrypt", storage.key.arn);
    storage.key.grantVolumes(trainingRole);
    const { groundTruth } = settings.retraining.labelling;
    if (groundTruth) {
      trainingRole.grant("function:invoke", groundTruth.preHumanTaskLambdaArn, groundTruth.consolidationLambdaArn);
    }

    const versions = new SagemakerModelPackageGroup(scope, "versions", {
      modelPackageGroupName: naming.of("sagemaker", model.name),
      modelPackageGroupDescription: `${model.description}. Every version that was trained.`,
    });
    const endpoint = new ModelEndpoint(scope, "endpoint", {
      naming,
      key: storage.key,
      logRetentionInDays: config.logs.retentionInDays,
      model: model.name,
      settings,
      image: image.uri,
      role: servingRole,
      initialModel: new UploadedArtefact(scope, "initial-artefact", {
        artefact: entry(initialModels, model.name),
        bucket,
        prefix: INITIAL,
      }),
      featureHash: featureHash(datasetNamed(model.dataset)),
      updateDeadlineInSeconds: config.retraining.endpointDeadlineInSeconds,
    });
    return {
      model,
      settings,
      endpoint,
      image: image.uri,
      servingRole,
      trainingRole,
      versions: { name: versions.modelPackageGroupName, arn: versions.arn },
    };
  }
}
