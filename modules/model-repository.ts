import { EcrLifecyclePolicy } from "@cdktf/provider-aws/lib/ecr-lifecycle-policy";
import { EcrRepository } from "@cdktf/provider-aws/lib/ecr-repository";
import { Construct } from "constructs";
import type { EncryptionKey } from "./encryption-key";

export interface ModelRepositoryProps {
  readonly name: string;
  readonly key: EncryptionKey;
  readonly imagesToKeep: number;
  readonly destroyable: boolean;
}

/** Where a model's own image lives: immutable tags, scanned on push, old images removed. */
export class ModelRepository extends Construct {
  readonly arn: string;
  readonly url: string;

  constructor(scope: Construct, id: string, props: ModelRepositoryProps) {
    super(scope, id);
    const repository = new EcrRepository(this, "repository", {
      name: props.name,
      imageTagMutability: "IMMUTABLE",
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfiguration: [{ encryptionType: "KMS", kmsKey: props.key.arn }],
      forceDelete: props.destroyable,
    });
    new EcrLifecyclePolicy(this, "lifecycle", {
      repository: repository.name,
      policy: JSON.stringify({
        rules: [
          {
            rulePriority: 1,
            description: `Keep the newest ${props.imagesToKeep} images`,
            selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: props.imagesToKeep },
            action: { type: "expire" },
          },
        ],
      }),
    });
    this.arn = repository.arn;
    this.url = repository.repositoryUrl;
  }
}
