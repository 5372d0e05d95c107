import { SagemakerModelPackageGroup } from "@cdktf/provider-aws/lib/sagemaker-model-package-group";
import { Construct } from "constructs";
import type { Model } from "../../catalogue/models";
import { layoutHash } from "../../catalogue/training/scaling";
import type { ModelSettings } from "../../config";
import { INITIAL, RUN_FILES, RUNS, runKey } from "../../contracts/run-layout";
import { BaseStack } from "../base/base-stack";
import { ServiceRole } from "../identity/iam";
import { type Asset, UploadedAsset } from "../storage/asset";
import type { PrivateBucket } from "../storage/private-bucket";
import { ModelEndpoint, storageTakesKey } from "./model-endpoint";
import type { ModelRepository } from "./model-repository";

/** Names an image that trains and serves, and the repository that a role must be allowed to pull it from. */
export interface Image {
  readonly uri: string;
  readonly repositoryArn: string;
}

export interface HostedModelProps {
  readonly model: Model;
  readonly settings: ModelSettings;
  readonly bucket: PrivateBucket;
  /** Holds the image of a model whose `image` is "ecr". */
  readonly repository: ModelRepository;
  /** SageMaker's own image of the model's algorithm. */
  readonly builtInImage: Image;
  /** An archive with a booster that answers the model's base score. */
  readonly initialModel: Asset;
  /** Seconds that a guarded update of the endpoint may take before SageMaker rolls it back. */
  readonly updateDeadlineInSeconds: number;
}

/** Patterns of the keys of model data: of the first model, and of runs. */
const MODEL_DATA = [`${INITIAL}*`, runKey("*", "output/*")] as const;

/** Hosts one model on SageMaker: roles that reach its own bucket only, initial model, endpoint, model package group. */
export class HostedModel extends Construct {
  readonly model: Model;
  readonly settings: ModelSettings;
  readonly endpoint: ModelEndpoint;
  readonly image: string;
  readonly servingRole: ServiceRole;
  readonly trainingRole: ServiceRole;
  /** Scores many players at once, whose features an endpoint's role must not read. */
  readonly transformRole: ServiceRole;
  /** Names the model package group. */
  readonly versions: { readonly name: string; readonly arn: string };

  constructor(
    scope: Construct,
    id: string,
    { model, settings, bucket, repository, builtInImage, initialModel, updateDeadlineInSeconds }: HostedModelProps,
  ) {
    super(scope, id);
    this.model = model;
    this.settings = settings;
    const image: Image =
      settings.image === "ecr"
        ? { uri: `${repository.url}:${settings.imageTag}`, repositoryArn: repository.arn }
        : builtInImage;
    this.image = image.uri;
    this.servingRole = this.role("serving", "serving", image);
    this.mayServe(bucket);
    this.trainingRole = this.role("training", "training", image);
    this.mayTrain(bucket);
    this.transformRole = this.role("transform", "serving", image);
    this.mayTransform(bucket);

    const versions = new SagemakerModelPackageGroup(this, "versions", {
      modelPackageGroupName: BaseStack.of(this).naming.of("sagemaker", model.name),
      modelPackageGroupDescription: `${model.description}. Every version that was trained.`,
    });
    this.versions = { name: versions.modelPackageGroupName, arn: versions.arn };
    this.endpoint = new ModelEndpoint(this, "endpoint", {
      model: model.name,
      settings,
      image: image.uri,
      role: this.servingRole,
      initialModel: new UploadedAsset(this, "initial-artefact", { asset: initialModel, bucket, prefix: INITIAL }),
      featureHash: layoutHash(model),
      updateDeadlineInSeconds,
    });
  }

  /** Makes a role that runs the image where the settings for `network` say. */
  private role(purpose: string, network: "serving" | "training", { repositoryArn }: Image): ServiceRole {
    const { naming } = BaseStack.of(this);
    const role = new ServiceRole(this, `${purpose}-role`, {
      name: naming.of("role", this.model.name, purpose),
      description: `SageMaker ${purpose} of ${this.model.name}`,
      service: "sagemaker.amazonaws.com",
    })
      .grant("job-log:write", naming.arn("logs", "log-group:/aws/sagemaker/*"))
      .grantUnbound("metric:write-sagemaker")
      // For SageMaker's own images too.
      .grant("image:pull", repositoryArn)
      .grantUnbound("registry:login");
    if (this.settings[network].vpc) role.grantUnbound("network-interface:manage");
    return role;
  }

  /** Lets the serving role read models, and no rows of players. */
  private mayServe(bucket: PrivateBucket): void {
    const { naming, key } = BaseStack.of(this);
    for (const pattern of MODEL_DATA) bucket.grantRead(this.servingRole, pattern);
    if (storageTakesKey(this.settings.serving)) key.grantVolumes(this.servingRole);
    if (this.settings.serving.mode === "realtime") {
      // SageMaker watches an update's alarms as the endpoint. By pattern, because the alarms depend on the endpoint.
      const alarms = `alarm:${naming.of("alarm", this.model.name, "*")}`;
      this.servingRole.grant("alarm:describe", naming.arn("cloudwatch", alarms));
    }
  }

  /** Lets the transform role read models; what it scores, and where to, the scoring grants. */
  private mayTransform(bucket: PrivateBucket): void {
    const { key } = BaseStack.of(this);
    for (const pattern of MODEL_DATA) bucket.grantRead(this.transformRole, pattern);
    this.transformRole.grant("key:encrypt", key.arn);
    key.grantVolumes(this.transformRole);
  }

  private mayTrain(bucket: PrivateBucket): void {
    const { key } = BaseStack.of(this);
    bucket.grantRead(this.trainingRole);
    bucket.grantWrite(this.trainingRole, `${RUNS}*`);
    for (const path of ["train/*", "labelling/*", RUN_FILES.referenceRows] as const)
      bucket.grantWrite(this.trainingRole, runKey("*", path));
    this.trainingRole.grant("key:encrypt", key.arn);
    key.grantVolumes(this.trainingRole);
    const { groundTruth } = this.settings.retraining.labelling;
    if (groundTruth) {
      this.trainingRole.grant("function:invoke", groundTruth.preHumanTaskLambdaArn, groundTruth.consolidationLambdaArn);
    }
  }
}
