import { type Address, getAddress, type LocalAccount } from "viem";
import { operatorKey } from "../../../chain/records";
import { type ChainSettings, chainSettings } from "../../../contracts/chain";
import { parseJson } from "../../../contracts/parse";
import type { ReadParameter } from "../../lib/aws/parameter";
import type { ReadSecret } from "../../lib/aws/secrets";
import type { ChainNode } from "./node";
import type { SignerStore } from "./store";
import type { TurnSettings } from "./turn";

/** All that writing the records of one delivery takes. */
export interface Writer {
  readonly settings: ChainSettings;
  /** Salt of the pseudonyms. */
  readonly salt: Uint8Array;
  readonly turn: TurnSettings;
  readonly account: LocalAccount;
  readonly node: ChainNode;
  readonly store: SignerStore;
}

export interface WriterPorts {
  readonly parameter: ReadParameter;
  readonly secret: ReadSecret;
  /** Opens the account of a key. */
  readonly account: (key: string) => Promise<LocalAccount>;
  /** Opens a contract by a node's URL. */
  readonly node: (url: string, contract: Address) => ChainNode;
  /** Opens what is kept of a signer. */
  readonly store: (signer: string) => SignerStore;
}

/** Time in which a transaction that offers enough is in a block of any chain that is not overrun. */
const PATIENCE_MS = 60_000;
const WEI_PER_GWEI = 1e9;

/** Makes the writer of a delivery from the parameter of that name. */
export const writerOf =
  ({ parameter, secret, account: accountOf, node, store }: WriterPorts) =>
  async (name: string): Promise<Writer> => {
    const settings = parseJson(chainSettings, await parameter(name), name);
    const { operatorId, rpcUrl, rpcSecret = "", chainId, confirmations, mostFeeInGwei } = settings;
    const [account, salt, url] = await Promise.all([
      accountOf(settings.key),
      secret(settings.salt),
      rpcUrl ?? secret(rpcSecret),
    ]);
    const contract = getAddress(settings.contract);
    return {
      settings,
      salt: Buffer.from(salt, "base64"),
      turn: {
        ...{ chainId, contract, operator: operatorKey(operatorId), confirmations, patienceMs: PATIENCE_MS },
        mostFeePerGas: BigInt(Math.round(mostFeeInGwei * WEI_PER_GWEI)),
      },
      account,
      node: node(url, contract),
      // A nonce counts on one chain.
      store: store(`${chainId}|${account.address}`),
    };
  };
