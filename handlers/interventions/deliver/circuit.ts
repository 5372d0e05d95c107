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
}

export const CLOSED: Circuit = { failures: 0, openings: 0 };

export type CircuitState = "closed" | "open" | "half-open";

export const stateOf = ({ openUntil }: Circuit, nowMs: number): CircuitState =>
  openUntil === undefined ? "closed" : nowMs < openUntil ? "open" : "half-open";

/** Claims the one trial of a half-open circuit: for all others it is open meanwhile. */
export const onTrial = (circuit: Circuit, untilMs: number): Circuit => ({ ...circuit, openUntil: untilMs });

/**
 * Gives the circuit after calls that ended side by side; the same object when nothing has changed. A success closes it,
 * whatever else failed: the receiver answers.
 */
export function after(
  circuit: Circuit,
  { succeeded, failed }: { readonly succeeded: number; readonly failed: number },
  rules: CircuitRules,
  nowMs: number,
): Circuit {
  if (succeeded > 0) return circuit.failures === 0 && circuit.openUntil === undefined ? circuit : CLOSED;
  if (failed === 0) return circuit;
  const { openings } = circuit;
  const failures = circuit.failures + failed;
  if (failures < rules.failures) return { ...circuit, failures };
  const seconds = Math.min(rules.longest, rules.open * 2 ** Math.min(openings, 30));
  return { failures, openings: openings + 1, openUntil: nowMs + seconds * 1000 };
}
