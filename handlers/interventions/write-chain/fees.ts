/** The fees that a transaction offers, in wei per gas (EIP-1559). */
export interface Fees {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

const larger = (one: bigint, other: bigint): bigint => (one > other ? one : other);

/**
 * Offers the tip and twice the block's base fee, which is enough for five full blocks more, each an eighth dearer. `undefined` where blocks cost
 * more than `most` now: it would not get into one.
 */
export function offer(baseFee: bigint, tip: bigint, most: bigint): Fees | undefined {
  if (baseFee + tip > most) return undefined;
  const enough = 2n * baseFee + tip;
  return { maxFeePerGas: enough > most ? most : enough, maxPriorityFeePerGas: tip };
}

/**
 * Raises a fee by an eighth at least, because nodes replace a waiting transaction for no less than a tenth more, and for
 * more in both fees, though one be 0.
 */
const raised = (fee: bigint): bigint => (fee * 9n) / 8n + 1n;

/** Offers more than before, and no less than is offered now; `undefined` where that is more than `most`. */
export function offerMore(before: Fees, now: Fees | undefined, most: bigint): Fees | undefined {
  const maxFeePerGas = larger(raised(before.maxFeePerGas), now?.maxFeePerGas ?? 0n);
  const maxPriorityFeePerGas = larger(raised(before.maxPriorityFeePerGas), now?.maxPriorityFeePerGas ?? 0n);
  return maxFeePerGas > most ? undefined : { maxFeePerGas, maxPriorityFeePerGas };
}
