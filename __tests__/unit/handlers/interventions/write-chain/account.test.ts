import { generateKeyPairSync } from "node:crypto";
import { GetPublicKeyCommand, KMSClient, SignCommand } from "@aws-sdk/client-kms";
import { mockClient } from "aws-sdk-client-mock";
import { type Hex, hexToBytes, recoverAddress, sha256, stringToBytes } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { accountOf, kmsKey } from "../../../../../handlers/interventions/write-chain/account";
import { pointOf, signatureOf } from "../../../../../handlers/interventions/write-chain/signature";
import { der, keyOf, ORDER } from "./keys";

const word = (value: bigint): Hex => `0x${value.toString(16).padStart(64, "0")}`;
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));

/** Signatures by RFC 6979 that implementations of secp256k1 are commonly tested with: key, message, r and s. */
const VECTORS = [
  {
    key: 1n,
    message: "Satoshi Nakamoto",
    r: 0x934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8n,
    s: 0x2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5n,
  },
  {
    key: ORDER - 1n,
    message: "Satoshi Nakamoto",
    r: 0xfd567d121db66e382991534ada77a6bd3106f0a1098c231e47993447cd6af2d0n,
    s: 0x6b39cd0eb1bc8603e159ef5c20a5c8ad685a45b06ce9bebed3f153d10d93bed5n,
  },
  {
    key: 1n,
    message: "All those moments will be lost in time, like tears in rain. Time to die...",
    r: 0x8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6bn,
    s: 0x547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21n,
  },
] as const;

describe.each(VECTORS)("the signature of key $key and its message", ({ key, message, r, s }) => {
  test.each([
    ["lower", s],
    ["upper", ORDER - s],
  ])("is read from its %s form, and the signer is recovered", async (_, either) => {
    const signature = signatureOf(der(r, either));
    expect(signature).toEqual({ r: word(r), s: word(s) });
    const hash = sha256(stringToBytes(message));
    const { address } = privateKeyToAccount(word(key));
    const recovered = [0, 1].map((yParity) => recoverAddress({ hash, signature: { ...signature, yParity } }));
    expect(await Promise.all(recovered)).toContain(address);
  });
});

test("numbers of few bytes are read too", () => {
  expect(signatureOf(der(0x80n, 1n))).toEqual({ r: word(0x80n), s: word(1n) });
});

test.each([
  ["nothing", ""],
  ["no sequence", "310602010102010100"],
  ["a wrong length", "300702010102010100"],
  ["one number", "3003020101"],
  ["a third one", "3009020101020101020101"],
  ["an empty number", "300502000201ff"],
  ["zero", "3006020100020101"],
  ["a number as large as the order", Buffer.from(der(ORDER, 1n)).toString("hex")],
])("what has %s is no signature", (_, hex) => {
  expect(() => signatureOf(bytes(hex))).toThrow("A signature");
});

const local = privateKeyToAccount("0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d");
const transaction = { type: "eip1559", chainId: 5, to: local.address, gas: 21_000n, maxFeePerGas: 7n } as const;

test("an account of a key signs as a wallet with that key does", async () => {
  const account = await accountOf(keyOf(local));
  expect(account.address).toBe(local.address);
  for (let nonce = 0; nonce < 8; nonce += 1) {
    const signed = await account.signTransaction({ ...transaction, nonce });
    expect(signed).toBe(await local.signTransaction({ ...transaction, nonce }));
  }
});

test("a signature of another key is refused", async () => {
  const stranger = keyOf(privateKeyToAccount(word(1n)));
  const account = await accountOf({ ...keyOf(local), sign: stranger.sign });
  await expect(account.signTransaction(transaction)).rejects.toThrow("is not that of the public key");
});

test("an account signs nothing but transactions", async () => {
  const account = await accountOf(keyOf(local));
  await expect(account.signMessage({ message: "hello" })).rejects.toThrow("signs transactions alone");
});

test.each(["prime256v1", "secp384r1"])("a key of %s is refused", (curve) => {
  const { publicKey } = generateKeyPairSync("ec", { namedCurve: curve });
  expect(() => pointOf(publicKey.export({ type: "spki", format: "der" }))).toThrow("ECC_SECG_P256K1");
});

describe("a key of KMS", () => {
  const kms = mockClient(KMSClient);
  const key = kmsKey(new KMSClient({}), "arn:key");
  const mine = keyOf(local);
  beforeEach(() => kms.reset());

  test("gives its public key and signs digests", async () => {
    kms.on(GetPublicKeyCommand).callsFake(async () => ({ PublicKey: await mine.publicKey() }));
    kms.on(SignCommand).callsFake(async ({ Message }) => ({ Signature: await mine.sign(Message) }));
    const account = await accountOf(key);
    expect(await account.signTransaction(transaction)).toBe(await local.signTransaction(transaction));
    expect(kms.commandCalls(GetPublicKeyCommand)[0]?.args[0].input).toEqual({ KeyId: "arn:key" });
    expect(kms.commandCalls(SignCommand)[0]?.args[0].input).toMatchObject({
      KeyId: "arn:key",
      MessageType: "DIGEST",
      SigningAlgorithm: "ECDSA_SHA_256",
    });
    expect(kms.commandCalls(SignCommand)[0]?.args[0].input.Message).toHaveLength(32);
  });

  test("says so when KMS answers without what was asked for", async () => {
    kms.onAnyCommand().resolves({});
    await expect(key.publicKey()).rejects.toThrow("KMS gave no public key");
    await expect(key.sign(hexToBytes(word(1n)))).rejects.toThrow("KMS gave no signature");
  });
});
