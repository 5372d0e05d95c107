import type { Hex } from "viem";
import { numberToHex } from "viem/utils";

/** Order of the curve secp256k1 (SEC 2, 2.4.1). */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

export interface Signature {
  readonly r: Hex;
  readonly s: Hex;
}

/**
 * Reads an ECDSA signature in DER (RFC 3279, 2.2.3), as KMS gives it. Chains take the lower of its two forms alone
 * (EIP-2). Throws for what is no such signature.
 */
export function signatureOf(der: Uint8Array): Signature {
  const bytes = Buffer.from(der);
  if (bytes[0] !== 0x30 || bytes[1] !== bytes.length - 2) throw new Error("A signature is no DER sequence");
  const [r, next] = integerAt(bytes, 2);
  const [s, end] = integerAt(bytes, next);
  if (end !== bytes.length || [r, s].some((value) => value <= 0n || value >= ORDER)) {
    throw new Error("A signature is no pair of numbers of secp256k1");
  }
  return { r: word(r), s: word(s > ORDER / 2n ? ORDER - s : s) };
}

const word = (value: bigint): Hex => numberToHex(value, { size: 32 });

/** Reads an INTEGER, and where the next begins. */
function integerAt(bytes: Buffer, start: number): [value: bigint, end: number] {
  const content = start + 2;
  const end = content + (bytes[start + 1] ?? 0);
  if (bytes[start] !== 0x02 || end === content || end > bytes.length) {
    throw new Error("A signature holds no DER integer");
  }
  return [BigInt(`0x${bytes.toString("hex", content, end)}`), end];
}

/** Start of the DER of a secp256k1 public key (RFC 5480): algorithm, curve, and a string of bits, uncompressed. */
const PUBLIC_KEY = Buffer.from("3056301006072a8648ce3d020106052b8104000a034200", "hex");

/** Reads the uncompressed point of a public key in DER, as KMS gives it. Throws for keys of other curves. */
export function pointOf(der: Uint8Array): Hex {
  const bytes = Buffer.from(der);
  const point = bytes.subarray(PUBLIC_KEY.length);
  if (!bytes.subarray(0, PUBLIC_KEY.length).equals(PUBLIC_KEY) || point.length !== 65 || point[0] !== 4) {
    throw new Error("The key is none of secp256k1; make one with the spec ECC_SECG_P256K1");
  }
  return `0x${point.toString("hex")}`;
}
