import { DynamodbTable } from "@cdktf/provider-aws/lib/dynamodb-table";
import { Construct } from "constructs";
import { BaseStack } from "../base/base-stack";
import type { ServiceRole } from "../identity/iam";
import { tableDefaults } from "./table-defaults";

export interface PlayerTableProps {
  readonly name: string;
  /** Lets `terraform destroy` remove the table with what holds for players. */
  readonly destroyable: boolean;
}

/** The indexes are sparse: an item is in one while it has the index's hash key. */
const INDEXES = [
  /** Lists an operator's players in the order of their changes. */
  { name: "changed", hashKey: "changedOperator", rangeKey: "changedAt" },
  /** Lists an operator's open reviews, those first that are due first. */
  { name: "reviews", hashKey: "reviewOperator", rangeKey: "reviewDue" },
] as const;

type IndexName = (typeof INDEXES)[number]["name"];

/** Keeps what holds for each player, what led to it, and the reviews: docs/contracts.md, "Table of players". */
export class PlayerTable extends Construct {
  readonly name: string;
  /** Tells every item that is written, as it is then. */
  readonly streamArn: string;
  private readonly arn: string;

  constructor(scope: Construct, id: string, props: PlayerTableProps) {
    super(scope, id);
    const attributes = ["player", "item", ...INDEXES.flatMap(({ hashKey, rangeKey }) => [hashKey, rangeKey])];
    const table = new DynamodbTable(this, "table", {
      ...tableDefaults(this, props.name),
      hashKey: "player",
      rangeKey: "item",
      attribute: attributes.map((name) => ({ name, type: "S" })),
      globalSecondaryIndex: INDEXES.map((index) => ({ ...index, projectionType: "ALL" })),
      streamEnabled: true,
      streamViewType: "NEW_IMAGE",
      deletionProtectionEnabled: !props.destroyable,
    });
    this.name = table.name;
    this.streamArn = table.streamArn;
    this.arn = table.arn;
  }

  /** Lets the role read and change single players and reviews. */
  grantChange(role: ServiceRole): void {
    role.grant("player:change", this.arn).grant("key:use", BaseStack.of(this).key.arn);
  }

  /** Lets the role list what changed for a player, and what these indexes list. */
  grantList(role: ServiceRole, ...indexes: readonly IndexName[]): void {
    role.grant("index:query", this.arn, ...indexes.map((index) => `${this.arn}/index/${index}`));
  }
}
