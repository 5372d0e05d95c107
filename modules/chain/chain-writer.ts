import { Construct } from "constructs";
import type { Config } from "../../config";
import { CHAIN_CONCURRENCY } from "../../config/schema/concurrency";
import { type ChainSettings, MOST_RECORDS, RECORDED_EVENTS } from "../../contracts/chain";
import { BaseStack } from "../base/base-stack";
import { deliveryName } from "../base/naming";
import type { NodeFunction } from "../functions/node-function";
import { Delivery, type DeliveryProps } from "../messaging/delivery";
import { ChainTable } from "../storage/chain-table";
import { DeliverySecret } from "../storage/delivery-secret";
import { SigningKey } from "../storage/signing-key";

export interface ChainWriterProps {
  readonly writer: NodeFunction<"write-chain">;
  readonly storage: Config["storage"];
}

export type ChainDelivery = Extract<Config["operators"][string]["deliveries"][number], { readonly kind: "chain" }>;

/** Seconds for which messages are gathered: blocks take longer, and records of one transaction share its price. */
const GATHERED_SECONDS = 2;

/** Brings decisions to chains: what the function that writes keeps, and for each delivery a key pair and a salt. */
export class ChainWriter extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: ChainWriterProps,
  ) {
    super(scope, id);
    const table = new ChainTable(this, "table", { name: BaseStack.of(this).naming.of("table", "chain") });
    props.writer.bind("CHAIN_TABLE", table.name, (role) => table.grantKeep(role));
  }

  /** Makes the delivery of an operator, in a scope that has one of that name. */
  deliver(
    scope: Construct,
    configured: ChainDelivery,
    about: Pick<DeliveryProps, "operatorId" | "bus" | "topicArn" | "maxReceives" | "triedFor">,
  ): void {
    const { writer, storage } = this.props;
    const { name, kind, rpcUrl, chainId, contract, confirmations, mostFeeInGwei } = configured;
    const delivery = new Delivery(scope, name, {
      ...{ ...about, name, kind, consumer: writer, grantedByPattern: true, maximumConcurrency: CHAIN_CONCURRENCY },
      ...{ events: RECORDED_EVENTS, batch: { size: MOST_RECORDS, seconds: GATHERED_SECONDS } },
    });
    const key = new SigningKey(delivery, "key", {
      alias: BaseStack.of(this).naming.of("alias", deliveryName({ operatorId: about.operatorId, name, kind })),
      description: `Signs what ${delivery.of} writes to its chain`,
      deletionWindowInDays: storage.kmsDeletionWindowInDays,
    });
    key.grantSign(writer.role);
    const secret = (id: string, description: string, drawnAfter?: string) =>
      new DeliverySecret(delivery, id, {
        name: `${delivery.path}/${id}`,
        description,
        destroyable: storage.destroyable,
        ...(drawnAfter !== undefined && { drawnAfter }),
      });
    delivery.by<ChainSettings>({
      ...(rpcUrl === null
        ? { rpcSecret: secret("rpc", `URL of the node by which ${delivery.of} reaches its chain`).name }
        : { rpcUrl }),
      ...{ chainId, contract, confirmations, mostFeeInGwei, key: key.arn },
      salt: secret("salt", `Makes pseudonyms of players for ${delivery.of}; without it they are forgotten`, "").name,
    });
  }
}
