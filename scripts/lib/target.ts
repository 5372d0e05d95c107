import { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { KMSClient } from "@aws-sdk/client-kms";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SQSClient } from "@aws-sdk/client-sqs";
import { SSMClient } from "@aws-sdk/client-ssm";
import { type ModelName, models } from "../../catalogue/models";
import { type Config, ENVIRONMENTS, loadConfig } from "../../config";
import { EMULATED_ACCOUNT } from "../../config/defaults";
import { Naming } from "../../modules/base/naming";
import { runningEmulator } from "./emulator";
import { SYSTEM } from "./names";
import { UserError } from "./process";
import { emulatorSettings } from "./system";

/** A deployed environment, on the emulator or on AWS, as the commands of ML engineers need it. */
export interface Target {
  readonly config: Config;
  readonly naming: Naming;
  readonly s3: S3Client;
  readonly states: SFNClient;
  readonly ssm: SSMClient;
  readonly sagemaker: SageMakerClient;
  readonly lambda: LambdaClient;
  readonly cognito: CognitoIdentityProviderClient;
  readonly dynamodb: DynamoDBClient;
  readonly sqs: SQSClient;
  readonly secrets: SecretsManagerClient;
  readonly kms: KMSClient;
  readonly eventbridge: EventBridgeClient;
}

/** Opens the environment of `VWT_ENVIRONMENT`; without one `local`, on the running emulator. */
export async function target(): Promise<Target> {
  const config = loadConfig(process.env.VWT_ENVIRONMENT || "local");
  if (config.environment !== "local") requireAccount(config);
  const settings = config.environment === "local" ? await localSettings(config) : { region: config.region };
  return {
    config,
    naming: new Naming(config),
    s3: new S3Client({ ...settings, forcePathStyle: "endpoint" in settings }),
    states: new SFNClient(settings),
    ssm: new SSMClient(settings),
    sagemaker: new SageMakerClient(settings),
    lambda: new LambdaClient(settings),
    cognito: new CognitoIdentityProviderClient(settings),
    dynamodb: new DynamoDBClient(settings),
    // The endpoint counts, not the host of a queue's URL, which an emulator does not have.
    sqs: new SQSClient({ ...settings, useQueueUrlAsEndpoint: false }),
    secrets: new SecretsManagerClient(settings),
    kms: new KMSClient(settings),
    eventbridge: new EventBridgeClient(settings),
  };
}

/** Refuses an environment of AWS whose configuration names no account. */
export function requireAccount({ environment, accountId }: Config): void {
  if (accountId !== EMULATED_ACCOUNT || process.env.AWS_ENDPOINT_URL !== undefined) return;
  throw new UserError(
    `config/${environment}.ts names no AWS account. Set VWT_ACCOUNT_ID to its 12 digits, here and for cdktf.`,
  );
}

/** Loads the configuration of an environment that has an account, for which the emulator stands in where it is named. */
export function configOfAccount(environment: string): Config {
  const config = loadConfig(environment);
  if (environment === "local" && process.env.AWS_ENDPOINT_URL === undefined) {
    throw new UserError(
      `local is the system of this machine, which npm start prepares. Name another: ${ENVIRONMENTS.filter((each) => each !== "local").join(", ")}.`,
    );
  }
  requireAccount(config);
  return config;
}

/** Refuses names of stacks of another environment than the one that cdktf will synthesize. */
export function refuseOthers(environment: string, stacks: readonly string[]): void {
  for (const stack of stacks) {
    const other = ENVIRONMENTS.find((each) => each !== environment && stack.startsWith(`${each}-`));
    if (other !== undefined) {
      throw new UserError(
        `${stack} is a stack of ${other}, and this is ${environment}. Name the environment: VWT_ENVIRONMENT=${other} npm run cdktf -- …`,
      );
    }
  }
}

/** Gives the settings of AWS clients of the system that runs on this machine. */
export async function localSettings(config: Config) {
  const emulator = await runningEmulator(SYSTEM);
  if (!emulator) {
    throw new UserError("The system is not running: npm start brings it up. For an account, set VWT_ENVIRONMENT.");
  }
  return emulatorSettings(emulator, config);
}

/** Tells a name of the catalogue from another text. Throws the names that there are. */
export function knownModel(name: string | undefined): ModelName {
  const found = models.find((model) => model.name === name);
  if (found) return found.name;
  throw new UserError(
    `Name a model: ${models.map((model) => model.name).join(", ")}${name === undefined ? "" : ` (not "${name}")`}`,
  );
}
