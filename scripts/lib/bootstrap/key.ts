import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  EnableKeyRotationCommand,
  type KMSClient,
} from "@aws-sdk/client-kms";
import type { Namespace } from "../../../modules/base/naming";
import { keyPolicy } from "../../../modules/identity/policies";

/** Makes the key of an alias, with yearly rotation, where it is missing. Returns its ARN. */
export async function ensureKey(
  kms: KMSClient,
  alias: string,
  description: string,
  namespace: Namespace,
): Promise<string> {
  const found = await kms.send(new DescribeKeyCommand({ KeyId: alias })).catch((error: Error) => {
    if (error.name !== "NotFoundException") throw error;
    return undefined;
  });
  if (found) return found.KeyMetadata?.Arn as string;
  const { KeyMetadata } = await kms.send(
    new CreateKeyCommand({ Description: description, Policy: keyPolicy(namespace) }),
  );
  const key = KeyMetadata as { readonly KeyId: string; readonly Arn: string };
  await kms.send(new EnableKeyRotationCommand({ KeyId: key.KeyId }));
  await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: key.KeyId }));
  return key.Arn;
}
