import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter";
import { Fn } from "cdktf";
import { Construct } from "constructs";
import { BaseStack } from "../base/base-stack";
import type { ServiceRole } from "../identity/iam";

export interface SecretParameterProps {
  readonly name: string;
  readonly description: string;
}

/**
 * Makes an SSM parameter with a secret that nobody chose: Terraform draws 244 random bits when it creates the parameter,
 * and another secret once somebody has it replaced. Beside the parameter only Terraform's state knows it.
 */
export class SecretParameter extends Construct {
  readonly name: string;
  private readonly arn: string;

  constructor(scope: Construct, id: string, props: SecretParameterProps) {
    super(scope, id);
    const parameter = new SsmParameter(this, "parameter", {
      ...props,
      type: "SecureString",
      keyId: BaseStack.of(this).key.arn,
      value: Fn.join("", [Fn.uuid(), Fn.uuid()]),
      // Each plan would draw another.
      lifecycle: { ignoreChanges: ["value"] },
    });
    this.name = parameter.name;
    this.arn = parameter.arn;
  }

  grantRead(role: ServiceRole): void {
    role.grant("parameter:read", this.arn).grant("key:use", BaseStack.of(this).key.arn);
  }
}
