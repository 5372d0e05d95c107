import fc from "fast-check";
import { offer, offerMore } from "../../../../../handlers/interventions/write-chain/fees";

const wei = fc.bigInt({ min: 0n, max: 10n ** 15n });

test("an offer is the tip and twice the base fee, within what may be offered", () => {
  expect(offer(10n, 2n, 100n)).toEqual({ maxFeePerGas: 22n, maxPriorityFeePerGas: 2n });
  expect(offer(10n, 2n, 15n)).toEqual({ maxFeePerGas: 15n, maxPriorityFeePerGas: 2n });
  expect(offer(10n, 2n, 11n)).toBeUndefined();
});

test("whatever blocks cost, an offer pays for the next one and is within bounds", () => {
  fc.assert(
    fc.property(wei, wei, wei, (baseFee, tip, most) => {
      const fees = offer(baseFee, tip, most);
      if (fees === undefined) return baseFee + tip > most;
      return fees.maxFeePerGas >= baseFee + tip && fees.maxFeePerGas <= most && fees.maxPriorityFeePerGas === tip;
    }),
  );
});

test("a second offer is at least an eighth higher in both fees, no less than a first one, and within bounds", () => {
  fc.assert(
    fc.property(wei, wei, wei, wei, wei, (base, tip, nowBase, nowTip, most) => {
      const before = { maxFeePerGas: 2n * base + tip, maxPriorityFeePerGas: tip };
      const now = offer(nowBase, nowTip, most);
      const more = offerMore(before, now, most);
      if (more === undefined) return 9n * before.maxFeePerGas + 8n > 8n * most || (now?.maxFeePerGas ?? 0n) > most;
      return (["maxFeePerGas", "maxPriorityFeePerGas"] as const).every(
        (fee) => more[fee] > before[fee] && 8n * more[fee] >= 9n * before[fee] && more[fee] >= (now?.[fee] ?? 0n),
      );
    }),
  );
});
