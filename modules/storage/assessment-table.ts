import { DynamodbTable } from "@cdktf/provider-aws/lib/dynamodb-table";
import { Construct } from "constructs";
import { BaseStack } from "../base/base-stack";
import type { ServiceRole } from "../identity/iam";
import { tableDefaults } from "./table-defaults";

export interface AssessmentTableProps {
  readonly name: string;
  /** Lets `terraform destroy` remove the table with what it remembers. */
  readonly destroyable: boolean;
}

/**
 * Remembers the players who were at risk lately, by a hash, until they are forgotten: docs/contracts.md, "Recent
 * assessments".
 */
export class AssessmentTable extends Construct {
  readonly name: string;
  private readonly arn: string;

  constructor(scope: Construct, id: string, props: AssessmentTableProps) {
    super(scope, id);
    const table = new DynamodbTable(this, "table", {
      ...tableDefaults(this, props.name),
      hashKey: "player",
      attribute: [{ name: "player", type: "S" }],
      ttl: { attributeName: "expiresAt", enabled: true },
      deletionProtectionEnabled: !props.destroyable,
    });
    this.name = table.name;
    this.arn = table.arn;
  }

  grantRemember(role: ServiceRole): void {
    role.grant("assessment:remember", this.arn).grant("key:use", BaseStack.of(this).key.arn);
  }
}
