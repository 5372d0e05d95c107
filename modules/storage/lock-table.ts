import { DynamodbTable } from "@cdktf/provider-aws/lib/dynamodb-table";
import { Construct } from "constructs";
import { BaseStack } from "../base/base-stack";
import type { ServiceRole } from "../identity/iam";
import { tableDefaults } from "./table-defaults";

export interface LockTableProps {
  readonly name: string;
}

/** Holds an item per model that is being worked on, which names the execution that does so and what it waits for. */
export class LockTable extends Construct {
  readonly name: string;
  private readonly arn: string;

  constructor(scope: Construct, id: string, props: LockTableProps) {
    super(scope, id);
    const table = new DynamodbTable(this, "table", {
      ...tableDefaults(this, props.name),
      hashKey: "model",
      attribute: [{ name: "model", type: "S" }],
    });
    this.name = table.name;
    this.arn = table.arn;
  }

  grantHold(role: ServiceRole): void {
    role.grant("item:hold", this.arn).grant("key:use", BaseStack.of(this).key.arn);
  }

  /** Lets the role note in a run's item what the run waits for, and read it. */
  grantNote(role: ServiceRole): void {
    role.grant("item:note", this.arn).grant("key:use", BaseStack.of(this).key.arn);
  }
}
