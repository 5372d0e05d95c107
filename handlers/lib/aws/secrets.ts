import { GetSecretValueCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

/** Reads the text of a secret in Secrets Manager; empty when it has none. Errors are those of the AWS client. */
export type ReadSecret = (name: string) => Promise<string>;

export const secretReader =
  (client: SecretsManagerClient): ReadSecret =>
  async (SecretId) =>
    (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString ?? "";
