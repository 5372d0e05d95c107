import { GetPublicKeyCommand, type KMSClient, SignCommand } from "@aws-sdk/client-kms";
import type { Hex } from "viem";
import { type LocalAccount, publicKeyToAddress, toAccount } from "viem/accounts";
import { hexToBytes, keccak256, recoverAddress, serializeTransaction } from "viem/utils";
import { pointOf, signatureOf } from "./signature";

/** A key pair of secp256k1 that never leaves where it is. */
export interface SigningKey {
  /** Gives the public key in DER. */
  readonly publicKey: () => Promise<Uint8Array>;
  /** Signs 32 bytes; gives the signature in DER. */
  readonly sign: (digest: Uint8Array) => Promise<Uint8Array>;
}

/** Opens a key of KMS with the spec `ECC_SECG_P256K1`. */
export const kmsKey = (client: KMSClient, KeyId: string): SigningKey => ({
  publicKey: async () => {
    const { PublicKey } = await client.send(new GetPublicKeyCommand({ KeyId }));
    if (!PublicKey) throw new Error("KMS gave no public key");
    return PublicKey;
  },
  sign: async (Message) => {
    const { Signature } = await client.send(
      // The digest is Keccak's, of which KMS need not know: it has as many bytes as one of SHA-256.
      new SignCommand({ KeyId, Message, MessageType: "DIGEST", SigningAlgorithm: "ECDSA_SHA_256" }),
    );
    if (!Signature) throw new Error("KMS gave no signature");
    return Signature;
  },
});

/** Makes the account of a key, which signs transactions and nothing else. */
export async function accountOf(key: SigningKey): Promise<LocalAccount> {
  const address = publicKeyToAddress(pointOf(await key.publicKey()));
  const sign = async (hash: Hex) => {
    const signature = signatureOf(await key.sign(hexToBytes(hash)));
    // ECDSA leaves open which of two public keys has signed.
    for (const yParity of [0, 1] as const) {
      if ((await recoverAddress({ hash, signature: { ...signature, yParity } })) === address) {
        return { ...signature, yParity };
      }
    }
    throw new Error("The signature is not that of the public key");
  };
  const refuse = async (): Promise<never> => {
    throw new Error("The account signs transactions alone");
  };
  return toAccount({
    address,
    signTransaction: async (transaction, { serializer = serializeTransaction } = {}) =>
      serializer(transaction, await sign(keccak256(await serializer(transaction)))),
    signMessage: refuse,
    signTypedData: refuse,
  });
}
