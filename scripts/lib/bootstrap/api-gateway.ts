import { type APIGatewayClient, GetAccountCommand, UpdateAccountCommand } from "@aws-sdk/client-api-gateway";
import { AttachRolePolicyCommand, CreateRoleCommand, GetRoleCommand, type IAMClient } from "@aws-sdk/client-iam";
import { API_GATEWAY_LOGGING, trustPolicy } from "../../../modules/identity/policies";
import { sleep } from "../process";

/** Time that a new role may take until API Gateway sees it. */
const ROLE_DEADLINE_MS = 120_000;
const ROLE_POLL_MS = 3_000;

/**
 * Gives API Gateway the role by which it writes the logs of every API of an account and region, where it has none that
 * exists: there is only one, so no environment owns it, and one that somebody else has set stays. Returns its ARN and
 * whether it is new.
 */
export async function ensureApiGatewayLogging(
  apiGateway: APIGatewayClient,
  iam: IAMClient,
  roleName: string,
): Promise<{ readonly arn: string; readonly created: boolean }> {
  const { cloudwatchRoleArn } = await apiGateway.send(new GetAccountCommand({}));
  if (cloudwatchRoleArn && (await roleArn(iam, cloudwatchRoleArn.split("/").at(-1) as string))) {
    return { arn: cloudwatchRoleArn, created: false };
  }
  const arn = (await roleArn(iam, roleName)) ?? (await createRole(iam, roleName));
  await iam.send(new AttachRolePolicyCommand({ RoleName: roleName, PolicyArn: API_GATEWAY_LOGGING }));
  const update = new UpdateAccountCommand({
    patchOperations: [{ op: "replace", path: "/cloudwatchRoleArn", value: arn }],
  });
  for (const deadline = Date.now() + ROLE_DEADLINE_MS; ; await sleep(ROLE_POLL_MS)) {
    try {
      await apiGateway.send(update);
      return { arn, created: true };
    } catch (error) {
      // API Gateway's words for a role that it does not see yet.
      if ((error as Error).name !== "BadRequestException" || Date.now() > deadline) throw error;
    }
  }
}

async function roleArn(iam: IAMClient, RoleName: string): Promise<string | undefined> {
  try {
    return (await iam.send(new GetRoleCommand({ RoleName }))).Role?.Arn;
  } catch (error) {
    if ((error as Error).name !== "NoSuchEntityException") throw error;
    return undefined;
  }
}

async function createRole(iam: IAMClient, RoleName: string): Promise<string> {
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName,
      Description: "API Gateway writes the logs of all APIs of the account",
      AssumeRolePolicyDocument: trustPolicy("apigateway.amazonaws.com"),
    }),
  );
  return Role?.Arn as string;
}
