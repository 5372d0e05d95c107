import { DynamodbTable } from "@cdktf/provider-aws/lib/dynamodb-table";
import { Construct } from "constructs";
import { BaseStack } from "../base/base-stack";
import type { ServiceRole } from "../identity/iam";
import { tableDefaults } from "./table-defaults";

export interface AuditTableProps {
  readonly name: string;
  /** Lets `terraform destroy` remove the operators' audit logs. */
  readonly destroyable: boolean;
}

/** Holds each operator's audit log, entry by entry, and its head: docs/interventions.md, "Audit". */
export class AuditTable extends Construct {
  readonly name: string;
  private readonly arn: string;

  constructor(scope: Construct, id: string, props: AuditTableProps) {
    super(scope, id);
    const table = new DynamodbTable(this, "table", {
      ...tableDefaults(this, props.name),
      hashKey: "operator",
      rangeKey: "sequence",
      attribute: [
        { name: "operator", type: "S" },
        { name: "sequence", type: "N" },
      ],
      deletionProtectionEnabled: !props.destroyable,
    });
    this.name = table.name;
    this.arn = table.arn;
  }

  /** Lets the role append entries and move the head; the conditions of its writes leave what is there as it is. */
  grantAppend(role: ServiceRole): void {
    role.grant("audit:append", this.arn).grant("key:use", BaseStack.of(this).key.arn);
  }

  /** Lets the role read items one by one, as heads are. */
  grantHeads(role: ServiceRole): void {
    role.grant("audit:head", this.arn).grant("key:use", BaseStack.of(this).key.arn);
  }
}
