import { type Hex, toHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { writeContract } from "viem/actions";
import { type ChainRecord, operatorKey } from "../../chain/records";
import { REGISTRY_ABI } from "../../chain/registry";
import { MOST_RECORDS } from "../../contracts/chain";
import { ANVIL_KEYS, startAnvil } from "../lib/anvil";
import { allowSigner, deployRegistry, mined, nodeOf } from "../lib/chain";
import type { Result } from "./result";

const OPERATOR = "bench";

/** Makes a record of a player's, with words that hold no zeros, as hashes do: they are dearer. */
function record(player: number, sequence: number): ChainRecord {
  const word = (of: number): Hex => toHex(2n ** 255n + BigInt(of) * 0x0101010101010101010101n, { size: 32 });
  return {
    id: word(player * 1000 + sequence),
    pseudonym: word(1_000_000 + player),
    restrictions: word(2_000_000 + player),
    auditHash: word(3_000_000 + player),
    sequence: BigInt(sequence),
    time: 1_800_000_000n,
    level: 2,
  };
}

/** Measures on a chain of this machine what a record costs, alone and among as many as a transaction takes. */
export async function measureGas(): Promise<Result[]> {
  const anvil = await startAnvil();
  try {
    const node = nodeOf(anvil.url);
    const [owner, account] = [privateKeyToAccount(ANVIL_KEYS[0]), privateKeyToAccount(ANVIL_KEYS[1])];
    const address = await deployRegistry(node, owner);
    await allowSigner(node, { registry: address, owner, operatorId: OPERATOR, signer: account.address });
    const operator = operatorKey(OPERATOR);
    const sent = { address, abi: REGISTRY_ABI, account, chain: null } as const;
    const gasOf = async (hash: Hex): Promise<number> => Number((await mined(node, hash)).gasUsed);
    const alone = async (one: ChainRecord) =>
      gasOf(await writeContract(node, { ...sent, functionName: "record", args: [operator, one] }));
    const batched = async (sequence: number) => {
      const all = Array.from({ length: MOST_RECORDS }, (_, player) => record(player + 1, sequence));
      const call = { functionName: "recordMany", args: [operator, all] } as const;
      return (await gasOf(await writeContract(node, { ...sent, ...call }))) / MOST_RECORDS;
    };
    const single = { new: await alone(record(0, 1)), known: await alone(record(0, 2)) };
    const batch = { new: await batched(1), known: await batched(2) };
    return (["new", "known"] as const).flatMap((player) => [
      { what: `gas of a record alone, ${player} player`, value: single[player], unit: "gas" },
      {
        what: `gas of a record among ${MOST_RECORDS}, ${player} player`,
        value: batch[player],
        unit: "gas",
        floor: { name: "alone", value: single[player] },
        limit: { of: "ratio", atMost: 0.8 },
      },
    ]);
  } finally {
    await anvil.stop();
  }
}
