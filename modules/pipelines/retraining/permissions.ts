import { runKey } from "../../../contracts/run-layout";
import { BaseStack } from "../../base/base-stack";
import { entry } from "../../base/tables";
import type { ServiceRole } from "../../identity/iam";
import type { HostedModel } from "../../sagemaker/hosted-model";
import type { PrivateBucket } from "../../storage/private-bucket";

/**
 * Grants the retraining state machine's role all that its states ask SageMaker, SSM, Application Auto Scaling and S3 for.
 * `modelBuckets` are by model.
 */
export function allowRetraining(
  role: ServiceRole,
  hosted: readonly HostedModel[],
  modelBuckets: Readonly<Record<string, PrivateBucket>>,
): void {
  const { naming, key } = BaseStack.of(role);
  role
    .grant("training:run", naming.sagemakerArns("training-job"))
    .grant("processing:run", naming.sagemakerArns("processing-job"))
    .grant("model:create", naming.sagemakerArns("model"))
    .grant("model:describe", naming.sagemakerArns("model"))
    .grant("endpoint-config:create", naming.sagemakerArns("endpoint-config"))
    .grant("endpoint-config:describe", naming.sagemakerArns("endpoint-config"))
    .grant("endpoint:update", naming.sagemakerArns("endpoint-config"))
    .grant("model-package:register", naming.sagemakerArns("model-package"));
  for (const { model, settings, ...each } of hosted) {
    role
      .grant("object:read", `${entry(modelBuckets, model.name).arn}/${runKey("*", "manifest.json")}`)
      .grant("endpoint:update", each.endpoint.arn)
      .grant("model-package:register", each.versions.arn)
      .grant("parameter:read", each.endpoint.servingParameter.arn)
      .grant("parameter:write", each.endpoint.servingParameter.arn, each.endpoint.lastRunParameter.arn)
      .grantPassRole("sagemaker.amazonaws.com", each.trainingRole.arn, each.servingRole.arn);
    each.endpoint.scaling?.grantRegister(role);
    const { groundTruth } = settings.retraining.labelling;
    if (groundTruth) {
      role
        .grant("workteam:describe", groundTruth.workteamArn)
        .grant("labeling-job:run", naming.sagemakerArns("labeling-job"));
    }
    if (settings.training.tuning) {
      const tuned = `${naming.of("tuningPrefix", model.name)}*`;
      role
        .grant("tuning:run", naming.arn("sagemaker", `hyper-parameter-tuning-job/${tuned}`))
        .grant("training:run", naming.arn("sagemaker", `training-job/${tuned}`));
    }
  }
  key.grantVolumes(role);
  role
    .grant("key:use", key.arn)
    .grant(
      "job-events:follow",
      naming.arn("events", "rule/StepFunctionsGetEventsForSageMakerTrainingJobsRule"),
      naming.arn("events", "rule/StepFunctionsGetEventsForSageMakerProcessingJobsRule"),
      naming.arn("events", "rule/StepFunctionsGetEventsForSageMakerTuningJobsRule"),
      naming.arn("events", "rule/StepFunctionsGetEventsForSageMakerLabelingJobsRule"),
    );
}
