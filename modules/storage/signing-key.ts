import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { Construct } from "constructs";
import { BaseStack } from "../base/base-stack";
import type { ServiceRole } from "../identity/iam";
import { signingKeyPolicy } from "../identity/policies";

export interface SigningKeyProps {
  readonly alias: string;
  readonly description: string;
  readonly deletionWindowInDays: number;
}

/** Makes a key pair of secp256k1 that signs transactions of EVM chains. Its private half never leaves KMS. */
export class SigningKey extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, props: SigningKeyProps) {
    super(scope, id);
    const key = new KmsKey(this, "key", {
      description: props.description,
      customerMasterKeySpec: "ECC_SECG_P256K1",
      keyUsage: "SIGN_VERIFY",
      deletionWindowInDays: props.deletionWindowInDays,
      policy: signingKeyPolicy(BaseStack.of(this)),
    });
    new KmsAlias(this, "alias", { name: `alias/${props.alias}`, targetKeyId: key.keyId });
    this.arn = key.arn;
  }

  grantSign(role: ServiceRole): void {
    role.grant("key:sign", this.arn);
  }
}
