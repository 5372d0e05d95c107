import { scoringKeys } from "../../../contracts/scoring-layout";
import { BaseStack } from "../../base/base-stack";
import { entry } from "../../base/tables";
import type { ServiceRole } from "../../identity/iam";
import type { HostedModel } from "../../sagemaker/hosted-model";
import type { PrivateBucket } from "../../storage/private-bucket";
import { scoringPrefix } from "./names";

const FILES = scoringKeys("*");

/** Grants the scoring's state machine's role all that its states ask SageMaker and S3 for. Buckets are by dataset. */
export function allowScoring(
  role: ServiceRole,
  hosted: readonly HostedModel[],
  dataBuckets: Readonly<Record<string, PrivateBucket>>,
): void {
  const { naming, key } = BaseStack.of(role);
  for (const { arn } of Object.values(dataBuckets)) {
    role.grant("object:read", `${arn}/${FILES.manifest}`, `${arn}/${FILES.parts}`);
  }
  for (const { model, transformRole } of hosted) {
    role
      .grantPassRole("sagemaker.amazonaws.com", transformRole.arn)
      // Those that it makes, and none that serves.
      .grant("model:retire", naming.arn("sagemaker", `model/${scoringPrefix(naming, model.name)}-*`));
  }
  key.grantVolumes(role);
  role
    .grant("transform:run", naming.sagemakerArns("transform-job"))
    .grant("model:describe", naming.sagemakerArns("model"))
    .grant("model:create", naming.sagemakerArns("model"))
    .grant("key:use", key.arn)
    .grant("job-events:follow", naming.arn("events", "rule/StepFunctionsGetEventsForSageMakerTransformJobsRule"));
}

/** Lets the role with which a model transforms read features without players, and write scores. */
export function allowTransform(
  { model, transformRole }: HostedModel,
  dataBuckets: Readonly<Record<string, PrivateBucket>>,
): void {
  const bucket = entry(dataBuckets, model.dataset);
  bucket.grantRead(transformRole, `${FILES.features}*`);
  bucket.grantWrite(transformRole, `${FILES.scores(model.name)}*`);
}
