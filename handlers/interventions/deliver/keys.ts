import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { keyOf } from "./signature";

/** Reads the keys that a secret holds: the current one and, while it has not been ended, the one before. */
export const keyReader =
  (client: SecretsManagerClient) =>
  async (secret: string): Promise<readonly [Buffer, ...Buffer[]]> => {
    const read = async (VersionStage: "AWSCURRENT" | "AWSPREVIOUS") => {
      const { SecretString = "" } = await client.send(new GetSecretValueCommand({ SecretId: secret, VersionStage }));
      return keyOf(SecretString);
    };
    const [current, previous] = await Promise.all([
      read("AWSCURRENT"),
      read("AWSPREVIOUS").catch((error: unknown) => {
        if (error instanceof ResourceNotFoundException) return undefined;
        throw error;
      }),
    ]);
    return previous === undefined ? [current] : [current, previous];
  };
