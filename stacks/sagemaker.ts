import { DataAwsSagemakerPrebuiltEcrImage } from "@cdktf/provider-aws/lib/data-aws-sagemaker-prebuilt-ecr-image";
import type { Construct } from "constructs";
import { ALGORITHMS } from "../catalogue/algorithms";
import type { Model } from "../catalogue/models";
import type { Config } from "../config";
import { BaseStack } from "../modules/base/base-stack";
import { entry, mapValues } from "../modules/base/tables";
import { HostedModel, type Image } from "../modules/sagemaker/hosted-model";
import type { Asset } from "../modules/storage/asset";
import type { EncryptionKey } from "../modules/storage/encryption-key";
import type { StorageStack } from "./storage";

export interface SagemakerStackProps {
  readonly config: Config;
  readonly models: readonly Model[];
  readonly storage: StorageStack;
  /** By model: an archive with a booster that answers the model's base score. */
  readonly initialModels: Readonly<Record<string, Asset>>;
}

/** Hosts every model on SageMaker. */
export class SagemakerStack extends BaseStack {
  readonly key: EncryptionKey;
  readonly hosted: readonly HostedModel[];

  constructor(scope: Construct, { config, models, storage, initialModels }: SagemakerStackProps) {
    super(scope, "sagemaker", config);
    this.key = storage.key;
    const images = mapValues(ALGORITHMS, ({ builtInImage: { repository, tag } }, name): Image => {
      const image = { repositoryName: repository, imageTag: tag };
      const builtIn = new DataAwsSagemakerPrebuiltEcrImage(this, `built-in-image-${name}`, image);
      return {
        uri: builtIn.registryPath,
        repositoryArn: `arn:aws:ecr:${config.region}:${builtIn.registryId}:repository/${repository}`,
      };
    });
    this.hosted = models.map(
      (model) =>
        new HostedModel(this, model.name, {
          model,
          settings: entry(config.models, model.name),
          bucket: entry(storage.modelBuckets, model.name),
          repository: entry(storage.repositories, model.name),
          builtInImage: images[model.algorithm],
          initialModel: entry(initialModels, model.name),
          updateDeadlineInSeconds: config.pipeline.endpointDeadlineInSeconds,
        }),
    );
  }
}
