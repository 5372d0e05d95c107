import { GetAccountCommand } from "@aws-sdk/client-api-gateway";
import { BatchGetImageCommand } from "@aws-sdk/client-ecr";
import { GetRoleCommand } from "@aws-sdk/client-iam";
import { DescribeWorkteamCommand } from "@aws-sdk/client-sagemaker";
import { type Check, failed, named, ok, orNothing, skipped } from "./check";
import { XGBOOST_REGISTRIES } from "./xgboost-registries";

const image: Check = {
  name: "Built-in image",
  why: "models without an image of their own are trained and served by it",
  remedy: 'choose a region that has it, or set image: "ecr" and push your own',
  needs: "ecr:BatchGetImage",
  emulatorLacks: "registry of AWS",
  look: async ({ ecr, config, planned }) => {
    if (Object.values(config.models).every((model) => model.image === "ecr")) return skipped("every model has its own");
    const registryId = XGBOOST_REGISTRIES[config.region];
    if (registryId === undefined) return failed(`no registry is known in ${config.region}`);
    const { repository_name, image_tag } = planned("aws_sagemaker_prebuilt_ecr_image")[0] as Record<string, string>;
    const says = `${registryId}/${repository_name}:${image_tag}`;
    try {
      const { images = [] } = await ecr.send(
        new BatchGetImageCommand({ registryId, repositoryName: repository_name, imageIds: [{ imageTag: image_tag }] }),
      );
      return images.length > 0 ? ok(`${says} can be pulled`) : failed(`${says} is not there`);
    } catch (error) {
      if (!named("AccessDeniedException")(error)) throw error;
      return skipped(`${says}: AWS's registry lets only SageMaker's roles look; the sagemaker stack will tell`);
    }
  },
};

const apiGateway: Check = {
  name: "API Gateway's log role",
  why: "the account and region have one, for all of their APIs; without it the api stack's access log is refused",
  remedy: "npm run bootstrap -- <environment>",
  needs: "apigateway:GET, iam:GetRole",
  look: async ({ apiGateway: client, iam }) => {
    const { cloudwatchRoleArn } = await client.send(new GetAccountCommand({}));
    if (!cloudwatchRoleArn) return failed("there is none");
    const role = await iam
      .send(new GetRoleCommand({ RoleName: cloudwatchRoleArn.split("/").at(-1) }))
      .catch(orNothing(named("NoSuchEntityException"), undefined));
    return role ? ok(cloudwatchRoleArn) : failed(`${cloudwatchRoleArn} is not there any more`);
  },
};

const groundTruth: Check = {
  name: "Ground Truth",
  why: "it takes no new customers: in an account without it, labelling jobs fail at once",
  remedy: 'set retraining.labelling.provider: "own"',
  needs: "sagemaker:DescribeWorkteam",
  look: async ({ sagemaker, config }) => {
    const teams = Object.values(config.models).flatMap(
      ({ retraining }) => retraining.labelling.groundTruth?.workteamArn ?? [],
    );
    if (teams.length === 0) return skipped("no model uses it");
    for (const arn of new Set(teams)) {
      try {
        await sagemaker.send(new DescribeWorkteamCommand({ WorkteamName: arn.split("/").at(-1) }));
      } catch (error) {
        if (named("ValidationException", "ResourceNotFound")(error)) return failed(`there is no team ${arn}`);
        throw error;
      }
    }
    return ok(`${new Set(teams).size} teams are there; whether a job may be made is known once one is`);
  },
};

/** Checks of what services give this account in this region. */
export const SERVICES: readonly Check[] = [image, apiGateway, groundTruth];
