import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { KMSClient } from "@aws-sdk/client-kms";
import {
  DeleteSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { type Address, getAddress, type LocalAccount } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { type Comparison, compare } from "../../chain/compare";
import type { Recordable } from "../../chain/records";
import type { Config } from "../../config";
import { EVENT_SCHEMAS } from "../../contracts/events";
import { accountOf, kmsKey } from "../../handlers/interventions/write-chain/account";
import { createAuditLog } from "../../handlers/lib/interventions/audit-log";
import { deliveryName, type Naming } from "../../modules/base/naming";
import { ANVIL_KEYS } from "./anvil";
import { allowSigner, deployRegistry, isDeployed, nodeOf, recordsOf } from "./chain";
import { pathOf } from "./deliveries";
import { UserError } from "./process";

/** A delivery of an operator's to a chain, as it is configured. */
export type ChainDelivery = { readonly operatorId: string } & Extract<
  Config["operators"][string]["deliveries"][number],
  { readonly kind: "chain" }
>;

export interface Environment {
  readonly config: Pick<Config, "operators">;
  readonly naming: Naming;
  readonly kms: KMSClient;
  readonly secrets: SecretsManagerClient;
}

/** An environment whose audit logs can be read. */
export type Audited = Environment & { readonly dynamodb: DynamoDBClient };

export const chainDeliveriesOf = ({ operators }: Pick<Config, "operators">): readonly ChainDelivery[] =>
  Object.entries(operators).flatMap(([operatorId, { deliveries }]) =>
    deliveries.flatMap((each) => (each.kind === "chain" ? [{ operatorId, ...each }] : [])),
  );

/** Lists an operator's deliveries to chains. Throws a `UserError` with the operators that have one. */
export function chainsOf(config: Pick<Config, "operators">, operatorId: string): readonly ChainDelivery[] {
  const all = chainDeliveriesOf(config);
  const own = all.filter((each) => each.operatorId === operatorId);
  if (own.length > 0) return own;
  const have = [...new Set(all.map((each) => each.operatorId))].join(", ") || "none";
  throw new UserError(`No operator "${operatorId}" has a delivery of the kind chain. These have: ${have}.`);
}

/** Reads a secret of a delivery's; `undefined` when it has no value, or is destroyed. */
async function secretOf({ secrets, naming }: Environment, delivery: ChainDelivery, name: string) {
  try {
    const SecretId = `${pathOf(naming, delivery)}/${name}`;
    return (await secrets.send(new GetSecretValueCommand({ SecretId }))).SecretString;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** Opens the node of a delivery. Throws a `UserError` when nobody has said where it is. */
export async function nodeOfDelivery(environment: Environment, delivery: ChainDelivery) {
  const url = delivery.rpcUrl ?? (await secretOf(environment, delivery, "rpc"));
  if (url !== undefined) return nodeOf(url);
  throw new UserError(`Put the URL of a node into the secret ${pathOf(environment.naming, delivery)}/rpc.`);
}

/** Reads the salt of a delivery's pseudonyms; `undefined` once it is destroyed. */
export async function saltOf(environment: Environment, delivery: ChainDelivery): Promise<Uint8Array | undefined> {
  const salt = await secretOf(environment, delivery, "salt");
  return salt === undefined ? undefined : Buffer.from(salt, "base64");
}

/** Destroys the salt of a delivery's pseudonyms. Nothing brings it back. */
export async function destroySalt({ secrets, naming }: Environment, delivery: ChainDelivery): Promise<void> {
  const SecretId = `${pathOf(naming, delivery)}/salt`;
  await secrets.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
}

/** Gives the address of the key pair that signs for a delivery. */
export async function signerOf({ kms, naming }: Environment, delivery: ChainDelivery): Promise<Address> {
  const alias = `alias/${naming.of("alias", deliveryName(delivery))}`;
  return (await accountOf(kmsKey(kms, alias))).address;
}

/** Lets the signer of a delivery write; answers its address, and whether it could before. */
export async function allowDelivery(environment: Environment, delivery: ChainDelivery, owner: LocalAccount) {
  const [node, signer] = await Promise.all([nodeOfDelivery(environment, delivery), signerOf(environment, delivery)]);
  const { operatorId, contract } = delivery;
  const changed = await allowSigner(node, { registry: getAddress(contract), owner, operatorId, signer });
  return { signer, changed };
}

/** Reads the decisions of an operator's audit log that are recorded on chains. */
export async function decisionsOf({ dynamodb, naming }: Audited, operatorId: string): Promise<readonly Recordable[]> {
  const [playerTable, auditTable] = [naming.of("table", "players"), naming.of("table", "audit")];
  const decisions: Recordable[] = [];
  for await (const entry of createAuditLog({ client: dynamodb, playerTable, auditTable }).entries(operatorId)) {
    const { name, detail, sequence, hash } = entry;
    if (name !== "InterventionDecided" && name !== "InterventionChanged") continue;
    decisions.push(EVENT_SCHEMAS[name].parse({ ...(detail as object), audit: { sequence, hash } }));
  }
  return decisions;
}

/** Compares what a delivery's contract has with the operator's audit log, or with some of its decisions. */
export async function compareDelivery(
  environment: Audited,
  delivery: ChainDelivery,
  isWanted: (decision: Recordable) => boolean = () => true,
): Promise<Comparison> {
  const { operatorId, contract, confirmations } = delivery;
  const node = await nodeOfDelivery(environment, delivery);
  // The log last: what it has gained meanwhile is on its way, and what the chain has is in it.
  const records = await recordsOf(node, getAddress(contract), operatorId, confirmations);
  const decisions = (await decisionsOf(environment, operatorId)).filter(isWanted);
  return compare(decisions, records, await saltOf(environment, delivery));
}

/** Wei that a signer of this machine's chain gets, a thousand ether: enough for a million records. */
const ALLOWANCE = "0x3635c9adc5dea00000";

/** Prepares a chain of this machine for all deliveries of its environment: contract, signers, ether, and who finds it. */
export async function prepareChains(environment: Environment, url: string): Promise<void> {
  const owner = privateKeyToAccount(ANVIL_KEYS[0]);
  const node = nodeOf(url);
  for (const delivery of chainDeliveriesOf(environment.config)) {
    const { secrets, naming } = environment;
    const SecretId = `${pathOf(naming, delivery)}/rpc`;
    if ((await secretOf(environment, delivery, "rpc")) !== url) {
      await secrets.send(new PutSecretValueCommand({ SecretId, SecretString: url }));
    }
    const contract = getAddress(delivery.contract);
    if (!(await isDeployed(node, contract))) {
      const deployed = await deployRegistry(node, owner);
      if (deployed !== contract)
        throw new UserError(`The registry is at ${deployed}, and the configuration says ${contract}.`);
    }
    const { signer } = await allowDelivery(environment, delivery, owner);
    await node.request({ method: "anvil_setBalance", params: [signer, ALLOWANCE] } as never);
  }
}
