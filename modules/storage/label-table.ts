import { DynamodbTable } from "@cdktf/provider-aws/lib/dynamodb-table";
import { Construct } from "constructs";
import { BaseStack } from "../base/base-stack";
import type { ServiceRole } from "../identity/iam";
import { tableDefaults } from "./table-defaults";

export interface LabelTableProps {
  readonly name: string;
  /** Lets `terraform destroy` remove the table with the labellers' work. */
  readonly destroyable: boolean;
  /** Removes items once their time, `expiresAt`, has come. */
  readonly expires: boolean;
}

/** The indexes are sparse: an item is in one while it has the index's hash key. */
const INDEXES = [
  /** Lists open tasks by operator, and the runs that wait. */
  { name: "queue", hashKey: "queue", rangeKey: "task" },
  /** Lists tasks with a label, by model. */
  { name: "agreed", hashKey: "agreedModel", rangeKey: "agreedAt" },
] as const;

/**
 * Keeps what people are asked, what they answered, and the runs that wait for them: docs/contracts.md, "Label table".
 */
export class LabelTable extends Construct {
  readonly name: string;
  private readonly arn: string;

  constructor(scope: Construct, id: string, props: LabelTableProps) {
    super(scope, id);
    const table = new DynamodbTable(this, "table", {
      ...tableDefaults(this, props.name),
      hashKey: "task",
      attribute: ["task", "queue", "agreedModel", "agreedAt"].map((name) => ({ name, type: "S" })),
      globalSecondaryIndex: INDEXES.map((index) => ({ ...index, projectionType: "ALL" })),
      ...(props.expires && { ttl: { attributeName: "expiresAt", enabled: true } }),
      deletionProtectionEnabled: !props.destroyable,
    });
    this.name = table.name;
    this.arn = table.arn;
  }

  /** Lets the role give people tasks, end a run's wait, and learn what became of tasks. */
  grantAsk(role: ServiceRole): void {
    role.grant("task:ask", this.arn).grant("key:use", BaseStack.of(this).key.arn);
  }

  /** Lets the role list an operator's tasks and take votes. */
  grantAnswer(role: ServiceRole): void {
    role
      .grant("task:answer", this.arn)
      .grant("index:query", this.indexArn("queue"))
      .grant("key:use", BaseStack.of(this).key.arn);
  }

  /** Lets the role list a model's labels. */
  grantReadAgreed(role: ServiceRole): void {
    role.grant("index:query", this.indexArn("agreed")).grant("key:use", BaseStack.of(this).key.arn);
  }

  private readonly indexArn = (name: (typeof INDEXES)[number]["name"]): string => `${this.arn}/index/${name}`;
}
