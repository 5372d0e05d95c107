import type { APIGatewayClient } from "@aws-sdk/client-api-gateway";
import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import type { IAMClient } from "@aws-sdk/client-iam";
import type { KMSClient } from "@aws-sdk/client-kms";
import type { S3Client } from "@aws-sdk/client-s3";
import type { Config } from "../../../config";
import { accountWide, stateKeyAlias } from "../../../modules/base/naming";
import { ensureApiGatewayLogging } from "./api-gateway";
import { ensureJobLogs } from "./job-logs";
import { ensureKey } from "./key";
import { ensureStateBucket } from "./state-bucket";

export interface BootstrapClients {
  readonly s3: S3Client;
  readonly kms: KMSClient;
  readonly iam: IAMClient;
  readonly apiGateway: APIGatewayClient;
  readonly logs: CloudWatchLogsClient;
}

/**
 * Prepares an account for Terraform: makes an environment's state bucket with its key, and what an account has once a
 * region for all environments, so that none of them owns it. Harmless to repeat. Returns sentences that say what came
 * of it.
 */
export async function bootstrap(clients: BootstrapClients, config: Config): Promise<readonly string[]> {
  const { project, environment } = config;
  const names = accountWide(config);
  const [stateKey, logsKey] = await Promise.all([
    ensureKey(clients.kms, stateKeyAlias(config), `Terraform state of ${project} ${environment}`, config),
    ensureKey(clients.kms, names.logsKeyAlias, `Logs of SageMaker's jobs, of all environments of ${project}`, config),
  ]);
  const [state, logging, advice] = await Promise.all([
    ensureStateBucket(clients.s3, config, stateKey),
    ensureApiGatewayLogging(clients.apiGateway, clients.iam, names.apiGatewayRole),
    ensureJobLogs(clients.logs, config.logs.retentionInDays, logsKey),
  ]);
  return [
    `${state.bucket} ${state.created ? "was created" : "was there; its settings are as they should be"}.`,
    `API Gateway writes the logs of all APIs of the region as ${logging.arn}${logging.created ? "" : ", as before"}.`,
    ...advice,
  ];
}
