import { Overtaken, type SignerStore, type Transaction } from "../../../../../handlers/interventions/write-chain/store";

/** A signer's items in memory, with the conditions of the table's writes. */
export class FakeStore implements SignerStore {
  readonly kept = new Map<number, Transaction>();
  turn = { holder: "", untilMs: 0, failures: 0 };

  async take(holder: string, nowMs: number, untilMs: number) {
    if (this.turn.untilMs > nowMs) return undefined;
    this.turn = { ...this.turn, holder, untilMs };
    return { failures: this.turn.failures };
  }

  async end(holder: string, untilMs: number, failures: number) {
    if (this.turn.holder === holder) this.turn = { holder, untilMs, failures };
  }

  async transactions() {
    return [...this.kept.values()].sort((one, another) => one.nonce - another.nonce);
  }

  async add(transaction: Transaction) {
    if (this.kept.has(transaction.nonce)) throw new Overtaken();
    this.kept.set(transaction.nonce, transaction);
  }

  async replace(before: Transaction, transaction: Transaction) {
    if (this.kept.get(before.nonce)?.raw !== before.raw) throw new Overtaken();
    this.kept.set(transaction.nonce, transaction);
  }

  async forget(nonce: number) {
    this.kept.delete(nonce);
  }
}
