import { APIGatewayClient, GetApiKeyCommand } from "@aws-sdk/client-api-gateway";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { IAMClient } from "@aws-sdk/client-iam";
import { KMSClient } from "@aws-sdk/client-kms";
import { DeleteObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SSMClient } from "@aws-sdk/client-ssm";
import type { Config } from "../../config";
import { ROUTES } from "../../contracts/routes";
import { stateBucket } from "../../modules/base/naming";
import { bootstrap } from "./bootstrap";
import { type Changes, type Outputs, outputsFileOf, outputsOf, synthesizedStacks } from "./cdktf";
import { deploy, plans, providerFolder } from "./deployment";
import { type Emulator, systemFolder } from "./emulator";
import { UserError } from "./process";
import { type Stack, withProvider } from "./provider";
import { terraformSetup } from "./terraform";

/** An environment on an emulator, with clients that talk to it. */
export interface System {
  readonly emulator: Emulator;
  readonly config: Config;
  readonly s3: S3Client;
  readonly ssm: SSMClient;
  readonly states: SFNClient;
  readonly apiGateway: APIGatewayClient;
}

/** Names the folder with an environment's synthesized Terraform and outputs. */
export const deploymentFolder = ({ emulator, config }: Pick<System, "emulator" | "config">): string =>
  systemFolder(emulator.name, config.environment);

/** Names the folder with what is built for all environments of an emulator. */
export const buildFolder = ({ name }: Emulator): string => systemFolder(name, "dist");

/**
 * Makes the environment variables by which the AWS SDK, Terraform and its S3 backend talk to the emulator as its
 * administrator.
 */
export const emulatedEnvironment = (
  { url, token }: Emulator,
  { region }: Config,
): Readonly<Record<string, string>> => ({
  AWS_ENDPOINT_URL: url,
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: token,
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
  AWS_EC2_METADATA_DISABLED: "true",
});

/** Copies this process's environment, with the emulator's administrator in place of whoever is signed in to AWS. */
export function administratorEnvironment({ emulator, config }: Pick<System, "emulator" | "config">): NodeJS.ProcessEnv {
  const { AWS_PROFILE: _, AWS_SESSION_TOKEN: __, ...inherited } = process.env;
  return { ...inherited, ...emulatedEnvironment(emulator, config) };
}

/** Makes the options of an AWS client that talks to the emulator as its administrator. */
export const emulatorSettings = ({ url, token }: Emulator, { region }: Config) => ({
  region,
  endpoint: url,
  credentials: { accessKeyId: "test", secretAccessKey: token },
});

export function systemOf(emulator: Emulator, config: Config): System {
  const settings = emulatorSettings(emulator, config);
  return {
    emulator,
    config,
    s3: new S3Client({ ...settings, forcePathStyle: true }),
    ssm: new SSMClient(settings),
    states: new SFNClient(settings),
    apiGateway: new APIGatewayClient(settings),
  };
}

/** Prepares the account and deploys all stacks, even after a deployment that was broken off. */
export async function deploySystem(system: System, at: (what: string) => void): Promise<Changes> {
  const { emulator, config } = system;
  const settings = emulatorSettings(emulator, config);
  const { s3, apiGateway } = system;
  const clients = {
    kms: new KMSClient(settings),
    iam: new IAMClient(settings),
    logs: new CloudWatchLogsClient(settings),
  };
  await bootstrap({ s3, apiGateway, ...clients }, config);
  await removeStaleLocks(system);
  return deploy({
    environment: config.environment,
    folder: deploymentFolder(system),
    dist: buildFolder(emulator),
    env: administratorEnvironment(system),
    at,
  });
}

/** Plans stacks as they are synthesized, all unless some are chosen; Terraform's plans of those that it would change. */
export function pendingPlans(
  system: Pick<System, "emulator" | "config">,
  choose: (stacks: readonly Stack[]) => readonly Stack[] = (stacks) => stacks,
): Promise<string[]> {
  const folder = deploymentFolder(system);
  const stacks = synthesizedStacks(folder);
  const env = { ...administratorEnvironment(system), ...terraformSetup().env };
  return withProvider(providerFolder(folder), stacks, env, (attached) => plans(choose(stacks), attached));
}

/**
 * Terraform leaves its lock behind when it is killed. The emulator is ours alone and one command at a time deploys to
 * it, so whatever lock there is belongs to nobody.
 */
async function removeStaleLocks({ s3, config }: System): Promise<void> {
  const Bucket = stateBucket(config);
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  const locks = Contents.filter(({ Key }) => Key?.endsWith(".tflock"));
  await Promise.all(locks.map(({ Key }) => s3.send(new DeleteObjectCommand({ Bucket, Key }))));
}

/** Reads the outputs of the last deployment, by stack (without the environment) and name. */
export function systemOutputs(system: Pick<System, "emulator" | "config">): Outputs {
  const outputs = outputsOf(outputsFileOf(deploymentFolder(system)));
  const prefix = `${system.config.environment}-`;
  return Object.fromEntries(Object.entries(outputs).map(([stack, values]) => [stack.replace(prefix, ""), values]));
}

export interface Access {
  readonly url: string;
  readonly key: string;
  readonly keyId: string;
}

/** Finds the predictions route of the deployed API, and a client's key with its id. */
export async function apiAccess(system: System, client: string): Promise<Access> {
  const { api } = systemOutputs(system);
  const id = api?.["rest-api-id"];
  const keyId = api?.[`api-key-id-${client}`];
  if (!id || !keyId) {
    throw new UserError(
      `The local system is not deployed to its end: it has no API with a client "${client}". Run npm start.`,
    );
  }
  const { value } = await system.apiGateway.send(new GetApiKeyCommand({ apiKey: keyId, includeValue: true }));
  return {
    // The emulator serves what AWS serves at https://<id>.execute-api.<region>.amazonaws.com/<stage>.
    url: `${system.emulator.url}/_aws/execute-api/${id}/${system.config.api.stage}/${ROUTES.predict.path}`,
    key: value as string,
    keyId,
  };
}
