import { DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { GetPublicKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  DeleteSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { mockClient } from "aws-sdk-client-mock";
import { follow, GENESIS } from "../../../catalogue/interventions/audit";
import { operatorKey, recordOf } from "../../../chain/records";
import { REGISTRY_ABI } from "../../../chain/registry";
import { loadConfig } from "../../../config";
import { Naming } from "../../../modules/base/naming";
import {
  allowDelivery,
  type ChainDelivery,
  chainsOf,
  compareDelivery,
  destroySalt,
  nodeOfDelivery,
  prepareChains,
} from "../../../scripts/lib/chain-deliveries";
import { type LocalChain, owner, signer, startChain } from "../chain/local-chain";
import { keyOf } from "../handlers/interventions/write-chain/keys";

const PATH = "/vwt/local/deliveries/vwt-local-chain-operator-c_chain";
const SALT = Buffer.alloc(32, 7);
const config = loadConfig("local");
const [delivery] = chainsOf(config, "operator-c") as [ChainDelivery];
const kms = mockClient(KMSClient);
const secrets = mockClient(SecretsManagerClient);
const dynamodb = mockClient(DynamoDBClient);
const environment = {
  config,
  naming: new Naming(config),
  kms: new KMSClient({}),
  secrets: new SecretsManagerClient({}),
  dynamodb: new DynamoDBClient({}),
};

let chain: LocalChain;
let kept: Map<string, string>;
beforeAll(async () => {
  chain = await startChain();
});
afterAll(() => chain.stop());
beforeEach(() => {
  kept = new Map([[`${PATH}/salt`, SALT.toString("base64")]]);
  kms.reset();
  secrets.reset();
  dynamodb.reset();
  kms
    .on(GetPublicKeyCommand, { KeyId: "alias/vwt-local-chain-operator-c_chain" })
    .callsFake(async () => ({ PublicKey: await keyOf(signer).publicKey() }));
  secrets.on(GetSecretValueCommand).callsFake(({ SecretId }) => {
    const SecretString = kept.get(SecretId);
    if (SecretString === undefined) throw new ResourceNotFoundException({ message: "none", $metadata: {} });
    return { SecretString };
  });
  secrets.on(PutSecretValueCommand).callsFake(({ SecretId, SecretString }) => {
    kept.set(SecretId, SecretString);
    return {};
  });
  secrets.on(DeleteSecretCommand).callsFake(({ SecretId }) => {
    kept.delete(SecretId);
    return {};
  });
});

const write = (records: readonly ReturnType<typeof recordOf>[]) =>
  chain.client.writeContract({
    address: delivery.contract as `0x${string}`,
    abi: REGISTRY_ABI,
    functionName: "recordMany",
    args: [operatorKey("operator-c"), records],
    account: signer,
    chain: null,
  });

test("a chain of this machine gets its contract, where it is configured, and a signer that may write; once", async () => {
  await prepareChains(environment, chain.url);
  await prepareChains(environment, chain.url);
  expect(kept.get(`${PATH}/rpc`)).toBe(chain.url);
  expect(secrets.commandCalls(PutSecretValueCommand)).toHaveLength(1);
  expect(await allowDelivery(environment, delivery, owner)).toEqual({ signer: signer.address, changed: false });
  expect(await chain.client.getBalance(signer)).toBe(10n ** 21n);
});

test("the contract is compared with the operator's audit log, with the salt and without", async () => {
  await prepareChains(environment, chain.url);
  const detailOf = (id: string, level: number) => ({
    ...{ version: 1, id: id.repeat(32), at: "2026-11-26T19:00:00.000Z", operatorId: "operator-c", playerId: "p" },
    ...{ sequence: 1, cause: "assessment", level, previousLevel: 0, restrictions: { bonusStop: true } },
    ...{ since: "2026-11-26T19:00:00.000Z", reasons: [], assessments: [], policy: { name: "uk", version: 1 } },
  });
  const one = follow(GENESIS, "operator-c", { name: "InterventionDecided", detail: detailOf("1", 2) });
  const other = follow(one, "operator-c", { name: "MarketingSuppressed", detail: {} });
  const two = follow(other, "operator-c", { name: "InterventionChanged", detail: detailOf("2", 1) });
  dynamodb.on(QueryCommand).resolves({
    Items: [one, other, two].map(({ operatorId, sequence, previous, nonce, hash, name, detail }) => ({
      ...{ operator: { S: operatorId }, sequence: { N: String(sequence) }, previous: { S: previous } },
      nonce: { S: nonce },
      ...{ hash: { S: hash }, name: { S: name }, detail: { S: JSON.stringify(detail) } },
    })),
  });
  const { sequence, hash } = one;
  await write([recordOf(SALT, { ...detailOf("1", 2), audit: { sequence, hash } } as never)]);
  await chain.mined();
  const missing = { entry: 3, auditHash: `0x${two.hash}`, wrong: "is not on the chain" };
  expect(await compareDelivery(environment, delivery)).toEqual({ same: 1, forgotten: 0, differences: [missing] });

  await destroySalt(environment, delivery);
  expect(secrets.commandCalls(DeleteSecretCommand)[0]?.args[0].input).toEqual({
    SecretId: `${PATH}/salt`,
    ForceDeleteWithoutRecovery: true,
  });
  expect(await compareDelivery(environment, delivery)).toEqual({ same: 1, forgotten: 1, differences: [missing] });
});

test("who has no delivery to a chain, and a delivery whose node nobody knows, are told so", async () => {
  expect(() => chainsOf(config, "operator-a")).toThrow(
    'No operator "operator-a" has a delivery of the kind chain. These have: operator-c.',
  );
  await expect(nodeOfDelivery(environment, delivery)).rejects.toThrow(
    `Put the URL of a node into the secret ${PATH}/rpc.`,
  );
});
