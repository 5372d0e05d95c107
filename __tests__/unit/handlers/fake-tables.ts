import { isDeepStrictEqual } from "node:util";
import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  type KeysAndAttributes,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  type ScanCommandInput,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  type TransactWriteItemsCommandInput,
} from "@aws-sdk/client-dynamodb";

type Item = Record<string, AttributeValue>;

interface Index {
  readonly hash: string;
  /** None of a table whose key is one attribute. */
  readonly range?: string;
}

export interface FakeTable extends Index {
  readonly indexes?: Readonly<Record<string, Required<Index>>>;
}

interface Conditional {
  readonly ConditionExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
  readonly ExpressionAttributeValues?: Item | undefined;
}

const $metadata = {};
const ITEM_BYTES = 400 * 1024;
const TRANSACTION_BYTES = 4 * 1024 * 1024;
const TRANSACTION_ACTIONS = 100;
const KEYS_OF_READ = 100;

const refuse = (message: string): never => {
  throw Object.assign(new Error(message), { name: "ValidationException" });
};

/** About what DynamoDB counts: names and values in UTF-8, and an overhead for nesting. */
function sizeOf(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return 21;
  if (value.B !== undefined) return value.B.length;
  if (value.M !== undefined) return 3 + itemSize(value.M);
  return 3 + (value.L ?? []).reduce((sum, each) => sum + 1 + sizeOf(each), 0);
}
const itemSize = (item: Item): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOf(value), 0);

/**
 * Tables in memory with DynamoDB's conditions, transactions, indexes, pages and limits, as far as our requests use them;
 * anything else is refused. Calls take turns in an order that `random` chooses, so that concurrent callers meet.
 */
export class FakeTables {
  /** Items by table, partition and key. */
  private readonly items = new Map<string, Map<string, Map<string, Item>>>();
  /** Calls so far, by the name of their command. */
  readonly calls: Record<string, number> = {};
  /** Called before each write, which it may let fail. */
  beforeWrite: () => void = () => {};

  constructor(
    private readonly tables: Readonly<Record<string, FakeTable>>,
    private readonly random: () => number = () => 0,
  ) {
    for (const name of Object.keys(tables)) this.items.set(name, new Map());
  }

  readonly client = { send: (command: object) => this.send(command) } as unknown as DynamoDBClient;

  /** All items of a table, by their keys' order. */
  all(table: string): readonly Item[] {
    const entries = [...this.partitionsOf(table).values()].flatMap((partition) => [...partition]);
    return entries.toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, item]) => item);
  }

  private async send(command: object): Promise<object> {
    const { name } = command.constructor;
    this.calls[name] = (this.calls[name] ?? 0) + 1;
    for (let turns = Math.floor(this.random() * 4); turns > 0; turns -= 1) await null;
    if (command instanceof GetItemCommand) {
      const Item = this.find(command.input.TableName, command.input.Key ?? {});
      return Item ? { Item } : {};
    }
    if (command instanceof BatchGetItemCommand) return this.batch(command.input.RequestItems ?? {});
    if (command instanceof QueryCommand) return this.query(command.input);
    if (command instanceof ScanCommand) return this.scan(command.input);
    this.beforeWrite();
    if (command instanceof PutItemCommand) {
      if (!this.holds(command.input.TableName, command.input.Item ?? {}, command.input, "")) {
        throw new ConditionalCheckFailedException({ $metadata, message: "" });
      }
      this.put(command.input.TableName, command.input.Item ?? {});
      return {};
    }
    if (command instanceof TransactWriteItemsCommand) return this.transact(command.input);
    return refuse(`${name} is not known here`);
  }

  private definition = (table = ""): FakeTable => this.tables[table] ?? refuse(`no table ${table}`);
  private partitionsOf = (table = ""): Map<string, Map<string, Item>> =>
    this.items.get(table) ?? refuse(`no table ${table}`);

  private partitionOf(table: string | undefined, item: Item): Map<string, Item> {
    const partitions = this.partitionsOf(table);
    const hash = JSON.stringify(item[this.definition(table).hash]);
    const partition = partitions.get(hash) ?? new Map<string, Item>();
    partitions.set(hash, partition);
    return partition;
  }

  private keyOf(table: string | undefined, item: Item): Item {
    const { hash, range } = this.definition(table);
    const key: Item = {};
    for (const name of [hash, range]) {
      if (name === undefined) continue;
      const value = item[name];
      if (value === undefined || value.S === "") refuse(`${name} is a key of ${table} and missing or empty`);
      else key[name] = value;
    }
    return key;
  }

  private find = (table: string | undefined, key: Item): Item | undefined =>
    this.partitionOf(table, key).get(JSON.stringify(this.keyOf(table, key)));

  private put(table: string | undefined, item: Item): void {
    if (itemSize(item) > ITEM_BYTES) refuse("Item size has exceeded the maximum allowed size");
    for (const { hash, range } of Object.values(this.definition(table).indexes ?? {})) {
      for (const name of [hash, range]) if (item[name]?.S === "") refuse(`${name} is an index's key and empty`);
    }
    this.partitionOf(table, item).set(JSON.stringify(this.keyOf(table, item)), { ...item });
  }

  /** Every name and every value of the expressions is used, and none is missing: DynamoDB refuses both. */
  private complete({ ExpressionAttributeNames, ExpressionAttributeValues }: Conditional, expressions: string): void {
    for (const [sign, given] of [
      ["#", ExpressionAttributeNames],
      [":", ExpressionAttributeValues],
    ] as const) {
      const used = [...new Set(expressions.match(new RegExp(`${sign}\\w+`, "g")))].toSorted();
      if (!isDeepStrictEqual(Object.keys(given ?? {}).toSorted(), used))
        refuse(`${used} are used of ${Object.keys(given ?? {})}`);
      if (given && used.length === 0) refuse("expression names and values must not be empty");
    }
  }

  /** Conditions are comparisons with `AND` between them. */
  private holds(table: string | undefined, key: Item, input: Conditional, more: string): boolean {
    const {
      ConditionExpression: condition = "",
      ExpressionAttributeNames: names = {},
      ExpressionAttributeValues: values = {},
    } = input;
    this.complete(input, `${condition} ${more}`);
    const item = this.find(table, key);
    return (
      condition === "" ||
      condition.split(" AND ").every((part) => {
        const exists = /^attribute_(not_)?exists\((#\w+)\)$/.exec(part);
        if (exists) return (item?.[names[exists[2] ?? ""] ?? ""] === undefined) === (exists[1] !== undefined);
        const equals = /^(#\w+) = (:\w+)$/.exec(part) ?? refuse(`condition ${part}`);
        return item !== undefined && isDeepStrictEqual(item[names[equals[1] ?? ""] ?? ""], values[equals[2] ?? ""]);
      })
    );
  }

  private transact({ TransactItems = [] }: TransactWriteItemsCommandInput): object {
    if (TransactItems.length > TRANSACTION_ACTIONS) refuse(`${TransactItems.length} actions in one transaction`);
    const actions = TransactItems.map(({ Put, Update }) => {
      const action = Put ?? Update ?? refuse("an action that is not known here");
      const key = Put ? (Put.Item ?? {}) : (Update?.Key ?? {});
      const holds = this.holds(action.TableName, key, action, Update?.UpdateExpression ?? "");
      return { table: action.TableName, key, holds, Put, Update };
    });
    const targets = actions.map(({ table, key }) => JSON.stringify([table, this.keyOf(table, key)]));
    if (new Set(targets).size < targets.length)
      refuse("Transaction request cannot include multiple operations on one item");
    if (actions.some(({ holds }) => !holds)) {
      const CancellationReasons = actions.map(({ holds }) => ({ Code: holds ? "None" : "ConditionalCheckFailed" }));
      throw new TransactionCanceledException({ $metadata, message: "", CancellationReasons });
    }
    let bytes = 0;
    const written = actions.map(({ table, key, Put, Update }) => {
      const item = Put?.Item ?? { ...(this.find(table, key) ?? key) };
      const names = Update?.ExpressionAttributeNames ?? {};
      for (const part of Update?.UpdateExpression?.replace(/^SET /, "").split(", ") ?? []) {
        const set = /^(#\w+) = (:\w+)$/.exec(part) ?? refuse(`update ${part}`);
        const value = Update?.ExpressionAttributeValues?.[set[2] ?? ""];
        if (value) item[names[set[1] ?? ""] ?? ""] = value;
      }
      bytes += itemSize(item);
      return { table, item };
    });
    if (bytes > TRANSACTION_BYTES) refuse(`${bytes} bytes in one transaction`);
    for (const { table, item } of written) this.put(table, item);
    return {};
  }

  private batch(requests: Readonly<Record<string, KeysAndAttributes>>): object {
    const entries = Object.entries(requests);
    if (entries.reduce((sum, [, { Keys = [] }]) => sum + Keys.length, 0) > KEYS_OF_READ) refuse("too many keys");
    return {
      Responses: Object.fromEntries(
        entries.map(([table, { Keys = [], ...projection }]) => [
          table,
          Keys.map((key) => this.find(table, key))
            .filter((item) => item !== undefined)
            .map((item) => this.projected(item, projection)),
        ]),
      ),
    };
  }

  /** The part of an item that a projection names; all of it without one. */
  private projected(item: Item, input: Omit<KeysAndAttributes, "Keys">): Item {
    const { ProjectionExpression, ExpressionAttributeNames: names = {} } = input;
    this.complete(input, ProjectionExpression ?? "");
    const wanted = ProjectionExpression?.split(", ").map((name) => names[name] ?? refuse(`attribute ${name}`));
    return Object.fromEntries(Object.entries(item).filter(([name]) => wanted?.includes(name) ?? true));
  }

  /** Reads all of a table, three items a page. */
  private scan(input: ScanCommandInput): object {
    const { TableName = "", FilterExpression = "", ExpressionAttributeNames: names = {}, ExclusiveStartKey } = input;
    this.complete(input, FilterExpression);
    const all = this.all(TableName);
    const start = all.findIndex((item) => isDeepStrictEqual(this.keyOf(TableName, item), ExclusiveStartKey)) + 1;
    const page = all.slice(start, start + 3);
    const last = page.at(-1);
    const holds = (item: Item) =>
      FilterExpression.split(" AND ").every((part) => {
        const missing = /^attribute_not_exists\((#\w+)\)$/.exec(part);
        if (missing) return item[names[missing[1] ?? ""] ?? ""] === undefined;
        const begins = /^begins_with\((#\w+), (:\w+)\)$/.exec(part) ?? refuse(`filter ${part}`);
        const prefix = input.ExpressionAttributeValues?.[begins[2] ?? ""]?.S ?? refuse("no prefix");
        return item[names[begins[1] ?? ""] ?? ""]?.S?.startsWith(prefix);
      });
    return {
      Items: page.filter(holds),
      ...(last && start + 3 < all.length && { LastEvaluatedKey: this.keyOf(TableName, last) }),
    };
  }

  private query(input: QueryCommandInput): object {
    const { TableName, IndexName, KeyConditionExpression = "", FilterExpression, Limit, ExclusiveStartKey } = input;
    this.complete(input, `${KeyConditionExpression} ${FilterExpression ?? ""}`);
    const table = this.definition(TableName);
    const index = IndexName === undefined ? table : (table.indexes?.[IndexName] ?? refuse(`no index ${IndexName}`));
    const names = input.ExpressionAttributeNames ?? {};
    const value = (name = "") => {
      const { S, N } = input.ExpressionAttributeValues?.[name] ?? {};
      if (S === "") refuse("a key is compared with an empty text");
      return S ?? Number(N);
    };
    const [hashPart = "", ...rangeParts] = KeyConditionExpression.split(" AND ");
    const rangePart = rangeParts.join(" AND ");
    const [, hashName = "", hashValue] = /^(#\w+) = (:\w+)$/.exec(hashPart) ?? refuse(`key condition ${hashPart}`);
    if (names[hashName] !== index.hash) refuse(`${names[hashName]} is not the hash key`);
    const range = index.range ?? refuse("no range key");
    const hashAttribute = input.ExpressionAttributeValues?.[hashValue ?? ""] ?? refuse("no value");
    const plain = (item: Item, name: string) => item[name]?.S ?? Number(item[name]?.N);
    const above = /^(#\w+) > (:\w+)$/.exec(rangePart);
    const between = /^(#\w+) BETWEEN (:\w+) AND (:\w+)$/.exec(rangePart);
    if (rangePart !== "" && names[(above ?? between)?.[1] ?? ""] !== range) refuse(`key condition ${rangePart}`);
    const isIn = (item: Item) => {
      const at = plain(item, range);
      if (above) return at > value(above[2]);
      return between ? at >= value(between[2]) && at <= value(between[3]) : true;
    };
    const sign = input.ScanIndexForward === false ? -1 : 1;
    const found =
      IndexName === undefined
        ? [...this.partitionOf(TableName, { [index.hash]: hashAttribute }).values()]
        : this.all(TableName ?? "");
    const places = found
      .filter((item) => item[index.hash] && plain(item, index.hash) === value(hashValue) && item[range] && isIn(item))
      .toSorted((one, other) => (plain(one, range) < plain(other, range) ? -sign : sign));
    const keyOf = (item: Item): Item => ({
      ...this.keyOf(TableName, item),
      ...Object.fromEntries([index.hash, range].map((name) => [name, item[name] as AttributeValue])),
    });
    const start = ExclusiveStartKey
      ? places.findIndex((item) => isDeepStrictEqual(keyOf(item), ExclusiveStartKey)) + 1
      : 0;
    const page = places.slice(start, Limit === undefined ? undefined : start + Limit);
    const [, filterName = "", filterValue] = /^(#\w+) = (:\w+)$/.exec(FilterExpression ?? "") ?? [];
    const last = page.at(-1);
    return {
      Items: page.filter((item) => filterName === "" || plain(item, names[filterName] ?? "") === value(filterValue)),
      ...(page.length === Limit && last && { LastEvaluatedKey: keyOf(last) }),
    };
  }
}
