import { DynamodbTable } from "@cdktf/provider-aws/lib/dynamodb-table";
import { Construct } from "constructs";
import { BaseStack } from "../base/base-stack";
import type { ServiceRole } from "../identity/iam";
import { tableDefaults } from "./table-defaults";

export interface DeliveryTableProps {
  readonly name: string;
  /** Lets `terraform destroy` remove the table with what it remembers. */
  readonly destroyable: boolean;
}

/** Remembers how each delivery fared lately and, for a month, which events each operator has: docs/deliveries.md. */
export class DeliveryTable extends Construct {
  readonly name: string;
  private readonly arn: string;

  constructor(scope: Construct, id: string, props: DeliveryTableProps) {
    super(scope, id);
    const table = new DynamodbTable(this, "table", {
      ...tableDefaults(this, props.name),
      hashKey: "item",
      attribute: [{ name: "item", type: "S" }],
      ttl: { attributeName: "expiresAt", enabled: true },
      deletionProtectionEnabled: !props.destroyable,
    });
    this.name = table.name;
    this.arn = table.arn;
  }

  grantRemember(role: ServiceRole): void {
    role.grant("item:note", this.arn).grant("key:use", BaseStack.of(this).key.arn);
  }
}
