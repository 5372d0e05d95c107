import { DynamodbTable, type DynamodbTableGlobalSecondaryIndex } from "@cdktf/provider-aws/lib/dynamodb-table";
import { Construct } from "constructs";
import { BaseStack } from "../base/base-stack";
import type { ServiceRole } from "../identity/iam";
import { tableDefaults } from "./table-defaults";

export interface PlayerTableProps {
  readonly name: string;
  /** Lets `terraform destroy` remove the table with what holds for players. */
  readonly destroyable: boolean;
}

type IndexName = "changed" | "reviews";
interface Index extends DynamodbTableGlobalSecondaryIndex {
  readonly name: IndexName;
  readonly rangeKey: string;
}

/** The indexes are sparse: an item is in one while it has the index's hash key. */
const INDEXES: readonly Index[] = [
  /**
   * Lists an operator's players in the order of their changes. All of an operator are one partition, which takes a
   * thousand writes a second: it has nothing that an assessment changes beside.
   */
  {
    ...{ name: "changed", hashKey: "changedOperator", rangeKey: "changedAt" },
    ...{ projectionType: "INCLUDE", nonKeyAttributes: ["playerId", "risk"] },
  },
  /** Lists an operator's open reviews, those first that are due first. */
  { name: "reviews", hashKey: "reviewOperator", rangeKey: "reviewDue", projectionType: "ALL" },
];

/** Keeps what holds for each player, what led to it, and the reviews: docs/interventions.md, "Table". */
export class PlayerTable extends Construct {
  readonly name: string;
  /** Tells which items are written; whoever acts on one reads it as it is by then. */
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
      globalSecondaryIndex: [...INDEXES],
      streamEnabled: true,
      streamViewType: "KEYS_ONLY",
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

  /** Lets the role read what predictions for marketing are withheld by. */
  grantReadMarketing(role: ServiceRole): void {
    role.grant("marketing:read", this.arn).grant("key:use", BaseStack.of(this).key.arn);
  }

  /** Lets the role read changes, and mark them as on record. */
  grantMark(role: ServiceRole): void {
    role.grant("change:mark", this.arn).grant("key:use", BaseStack.of(this).key.arn);
  }

  /** Lets the role list what changed for a player. */
  grantHistory(role: ServiceRole): void {
    role.grant("index:query", this.arn);
  }

  /** Lets the role list what an index lists. */
  grantList(role: ServiceRole, index: IndexName): void {
    role.grant("index:query", `${this.arn}/index/${index}`).grant("key:use", BaseStack.of(this).key.arn);
  }

  /** Lets the role list players who changed, with what holds for them. */
  grantListChanged(role: ServiceRole): void {
    this.grantList(role, "changed");
    role.grant("player:list", this.arn);
  }
}
