import { APIGatewayClient } from "@aws-sdk/client-api-gateway";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { IAMClient } from "@aws-sdk/client-iam";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { bootstrap } from "../lib/bootstrap";
import { main } from "../lib/main";
import { UserError } from "../lib/process";
import { step } from "../lib/progress";
import { configOfAccount } from "../lib/target";

/** Prepares the account of the AWS credentials at hand for an environment, before Terraform. */
main("bootstrap", async ({ arguments: [environment = ""] }) => {
  const config = configOfAccount(environment);
  const emulated = process.env.AWS_ENDPOINT_URL !== undefined;
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
  const clients = {
    s3: new S3Client({ ...settings, forcePathStyle: emulated }),
    kms: new KMSClient(settings),
    iam: new IAMClient(settings),
    apiGateway: new APIGatewayClient(settings),
    logs: new CloudWatchLogsClient(settings),
  };
  const done = await step("State bucket and account", () => bootstrap(clients, config));
  for (const line of done) console.log(line);
  console.log(`Next: VWT_ENVIRONMENT=${environment} npm run cdktf -- deploy '*'`);
  return undefined;
});
