import type { DeliveryRules } from "../../../contracts/deliveries";

type CircuitRules = DeliveryRules["circuit"];

/**
 * Holds how a delivery fared lately. It is closed while `openUntil` is undefined; open until then; afterwards half-open:
 * one call tries whether the receiver is back.
 */
export interface Circuit {
  readonly failures: number;
  /** Times that it has opened since a call succeeded. */
  readonly openings: number;
  /** Milliseconds since 1970. */
  readonly openUntil?: number;
  /** Somebody tries whether the receiver is back; it is open for the others for as long as that may take. */
  readonly trial?: true;
}

export const CLOSED: Circuit = { failures: 0, openings: 0 };

export type CircuitState = "closed" | "open" | "half-open";

export const stateOf = ({ openUntil }: Circuit, nowMs: number): CircuitState =>
  openUntil === undefined ? "closed" : nowMs < openUntil ? "open" : "half-open";

/** Claims the one trial of a half-open circuit: for all others it is open meanwhile. */
export const onTrial = (circuit: Circuit, untilMs: number): Circuit => ({
  ...circuit,
  openUntil: untilMs,
  trial: true,
});

/** What calls that ended side by side have told of the receiver. */
export interface Told {
  readonly answers: number;
  readonly fails: number;
  /** The one call was the trial of a half-open circuit. */
  readonly trial: boolean;
}

/**
 * Gives the circuit after calls; the same object when nothing has changed. An answer closes it, whatever else failed.
 * Calls that were under way when others opened it, and fail too, are no reason to open it for longer.
 */
export function after(circuit: Circuit, { answers, fails, trial }: Told, rules: CircuitRules, nowMs: number): Circuit {
  if (answers > 0) return circuit.failures === 0 && circuit.openUntil === undefined ? circuit : CLOSED;
  if (fails === 0 || (!trial && stateOf(circuit, nowMs) !== "closed")) return circuit;
  const { openings } = circuit;
  const failures = circuit.failures + fails;
  if (failures < rules.failures) return { ...circuit, failures };
  const seconds = Math.min(rules.longest, rules.open * 2 ** Math.min(openings, 30));
  return { failures, openings: openings + 1, openUntil: nowMs + seconds * 1000 };
}
