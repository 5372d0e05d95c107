import { DynamodbTable } from "@cdktf/provider-aws/lib/dynamodb-table";
import { Construct } from "constructs";
import type { ServiceRole } from "../identity/iam";
import type { EncryptionKey } from "./encryption-key";
import { tableDefaults } from "./table-defaults";

export interface AssessmentTableProps {
  readonly name: string;
  readonly key: EncryptionKey;
  /** Lets `terraform destroy` remove the table with what it remembers. */
  readonly destroyable: boolean;
}

/** The players who were at risk lately, by a hash, until they are forgotten: docs/contracts.md, "Recent assessments". */
export class AssessmentTable extends Construct {
  readonly name: string;
  private readonly arn: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AssessmentTableProps,
  ) {
    super(scope, id);
    const table = new DynamodbTable(this, "table", {
      ...tableDefaults(props.name, props.key),
      hashKey: "player",
      attribute: [{ name: "player", type: "S" }],
      ttl: { attributeName: "expiresAt", enabled: true },
      deletionProtectionEnabled: !props.destroyable,
    });
    this.name = table.name;
    this.arn = table.arn;
  }

  grantRemember(role: ServiceRole): void {
    role.grant("assessment:remember", this.arn).grant("key:use", this.props.key.arn);
  }
}
