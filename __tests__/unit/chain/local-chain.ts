import { createTestClient, http, publicActions, walletActions } from "viem";
import { type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { ANVIL_KEYS, startAnvil } from "../../../scripts/lib/anvil";
import { deployRegistry } from "../../../scripts/lib/chain";

export const [owner, signer, other] = [account(0), account(1), account(2)];
function account(index: 0 | 1 | 2): PrivateKeyAccount {
  return privateKeyToAccount(ANVIL_KEYS[index]);
}

/** Starts a chain of the test file's own, on which every transaction is mined at once. */
export async function startChain() {
  const anvil = await startAnvil();
  const client = createTestClient({ mode: "anvil", transport: http(anvil.url), pollingInterval: 5 })
    .extend(publicActions)
    .extend(walletActions);
  const ask = (method: string, params: readonly unknown[]) => client.request({ method, params } as never);
  return {
    ...anvil,
    client,
    /** Deploys a registry of `owner`'s. */
    deploy: () => deployRegistry(client, owner),
    /** Waits until every transaction is in a block. */
    mined: async (): Promise<void> => {
      while ((await client.getTxpoolStatus()).pending > 0) await new Promise(setImmediate);
    },
    /** Takes back the latest blocks, and mines as many without their transactions. */
    reorganise: (depth: number) => ask("anvil_reorg", [depth, []]),
    /** Has the node forget the transactions that are in no block. */
    dropTransactions: () => ask("anvil_dropAllTransactions", []),
  };
}

export type LocalChain = Awaited<ReturnType<typeof startChain>>;
