import { createPublicKey } from "node:crypto";
import type { PrivateKeyAccount } from "viem/accounts";
import type { SigningKey } from "../../../../../handlers/interventions/write-chain/account";

/** Order of secp256k1. */
export const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** A number as a DER INTEGER: as few bytes as hold it and its sign. */
function integer(value: bigint): Buffer {
  const digits = value.toString(16);
  const content = Buffer.from(digits.length % 2 ? `0${digits}` : digits, "hex");
  const signed = (content[0] as number) >= 0x80 ? Buffer.concat([Buffer.of(0), content]) : content;
  return Buffer.concat([Buffer.of(0x02, signed.length), signed]);
}

export function der(r: bigint, s: bigint): Uint8Array {
  const content = Buffer.concat([integer(r), integer(s)]);
  return new Uint8Array([0x30, content.length, ...content]);
}

/** A key that signs as KMS does: in DER, and as often in the upper form of a signature. */
export function keyOf(account: PrivateKeyAccount): SigningKey {
  let upper = false;
  const point = Buffer.from(account.publicKey.slice(4), "hex");
  const jwk = {
    kty: "EC",
    crv: "secp256k1",
    x: point.subarray(0, 32).toString("base64url"),
    y: point.subarray(32).toString("base64url"),
  };
  return {
    publicKey: async () => createPublicKey({ key: jwk, format: "jwk" }).export({ type: "spki", format: "der" }),
    sign: async (digest) => {
      const signed = await account.sign({ hash: `0x${Buffer.from(digest).toString("hex")}` });
      const [r, s] = [BigInt(signed.slice(0, 66)), BigInt(`0x${signed.slice(66, 130)}`)];
      upper = !upper;
      return der(r, upper ? ORDER - s : s);
    },
  };
}
