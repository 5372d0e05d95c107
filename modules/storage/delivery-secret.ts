import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { SecretsmanagerSecretVersion } from "@cdktf/provider-aws/lib/secretsmanager-secret-version";
import { Fn } from "cdktf";
import { Construct } from "constructs";
import { BaseStack } from "../base/base-stack";

export interface DeliverySecretProps {
  readonly name: string;
  readonly description: string;
  /** Lets `terraform destroy` remove the secret at once, so that its name is free again. */
  readonly destroyable: boolean;
  /** What the first value begins with, which Terraform draws; without it, somebody puts a value in. */
  readonly drawnAfter?: string;
}

/** Days in which a secret that was destroyed can be brought back. */
const RECOVERY_DAYS = 30;

/**
 * Makes a secret of a delivery's. Terraform draws its first value, the SHA-256 of 244 random bits in base64, and hands it
 * over by a write-only argument: it is in no plan and in no state.
 */
export class DeliverySecret extends Construct {
  readonly name: string;

  constructor(scope: Construct, id: string, { name, description, destroyable, drawnAfter }: DeliverySecretProps) {
    super(scope, id);
    const secret = new SecretsmanagerSecret(this, "secret", {
      name,
      description,
      kmsKeyId: BaseStack.of(this).key.arn,
      recoveryWindowInDays: destroyable ? 0 : RECOVERY_DAYS,
    });
    if (drawnAfter !== undefined) {
      new SecretsmanagerSecretVersion(this, "first", {
        secretId: secret.id,
        secretStringWo: Fn.join("", [drawnAfter, Fn.base64sha256(Fn.join("", [Fn.uuid(), Fn.uuid()]))]),
        secretStringWoVersion: 1,
      });
    }
    this.name = secret.name;
  }
}
