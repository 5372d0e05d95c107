import { S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { loadConfig } from "../../config";
import { EMULATED_ACCOUNT } from "../../config/defaults";
import { UserError } from "../lib/process";
import { main, step } from "../lib/progress";
import { ensureStateBucket } from "../lib/state-bucket";

/** Creates the state bucket of an environment in the account of the AWS credentials at hand. */
main(async () => {
  const [environment] = process.argv.slice(2);
  if (!environment) throw new UserError("Name the environment: npm run bootstrap -- <environment>");
  const config = loadConfig(environment);
  const emulated = process.env.AWS_ENDPOINT_URL !== undefined;
  if (config.accountId === EMULATED_ACCOUNT && !emulated) {
    throw new UserError(
      `config/${environment}.ts names no AWS account. Set VWT_ACCOUNT_ID to its 12 digits, here and for cdktf.`,
    );
  }
  const settings = { region: config.region };
  const { Account } = await step("Check the credentials", () =>
    new STSClient(settings).send(new GetCallerIdentityCommand({})).catch((error: Error) => {
      throw new UserError(`AWS does not accept the credentials: ${error.message}. Sign in, or set AWS_PROFILE.`);
    }),
  );
  if (Account !== config.accountId) {
    throw new UserError(
      `The credentials are of account ${Account}, but ${environment} belongs to ${config.accountId}. ` +
        "Switch the credentials, or correct VWT_ACCOUNT_ID.",
    );
  }
  const { bucket, created } = await step("State bucket", () =>
    ensureStateBucket(new S3Client({ ...settings, forcePathStyle: emulated }), config),
  );
  console.log(`${bucket} ${created ? "was created" : "was there; its settings are as they should be"}.`);
  console.log(`Next: VWT_ENVIRONMENT=${environment} npm run cdktf -- deploy '*'`);
  return undefined;
});
