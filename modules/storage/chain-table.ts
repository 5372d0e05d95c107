import { DynamodbTable } from "@cdktf/provider-aws/lib/dynamodb-table";
import { Construct } from "constructs";
import { BaseStack } from "../base/base-stack";
import type { ServiceRole } from "../identity/iam";
import { tableDefaults } from "./table-defaults";

export interface ChainTableProps {
  readonly name: string;
}

/**
 * Keeps, for each signer of a chain, whose turn it is to send, and the transactions that are not final yet:
 * docs/chain.md. Were it lost, the contract would refuse to record anything twice.
 */
export class ChainTable extends Construct {
  readonly name: string;
  private readonly arn: string;

  constructor(scope: Construct, id: string, props: ChainTableProps) {
    super(scope, id);
    const table = new DynamodbTable(this, "table", {
      ...tableDefaults(this, props.name),
      hashKey: "signer",
      rangeKey: "item",
      attribute: ["signer", "item"].map((name) => ({ name, type: "S" })),
    });
    this.name = table.name;
    this.arn = table.arn;
  }

  grantKeep(role: ServiceRole): void {
    role.grant("transaction:keep", this.arn).grant("key:use", BaseStack.of(this).key.arn);
  }
}
