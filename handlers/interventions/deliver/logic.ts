import type { DeliveryRules } from "../../../contracts/deliveries";
import { comeAgain } from "../../lib/deliveries/come-again";
import { type AttemptPorts, attempt, holdSeconds, type Received, type Step } from "./attempt";
import { after, type Circuit, onTrial, stateOf } from "./circuit";
import type { Versioned } from "./store";

/** What delivering needs of one delivery. */
export interface DeliveryPorts extends AttemptPorts {
  readonly circuit: () => Promise<Versioned>;
  /** Writes the circuit that follows the one seen; `undefined` when somebody else wrote meanwhile. */
  readonly follow: (seen: Versioned, next: Circuit) => Promise<Versioned | undefined>;
  readonly onError: (step: "attempt" | "circuit", error: unknown) => void;
}

export interface Delivered {
  /** What became of each message, by its id of the queue's. */
  readonly steps: ReadonlyMap<string, Step>;
  /** The receiver fails so much that it is left alone from now on. */
  readonly opened: boolean;
}

/** Delivers messages of one delivery, side by side, while its circuit lets them. */
export async function deliver(
  received: readonly Received[],
  rules: DeliveryRules,
  ports: DeliveryPorts,
): Promise<Delivered> {
  const steps = new Map<string, Step>();
  let opened = false;
  let seen = await ports.circuit();
  for (let left = received; left.length > 0; ) {
    const state = stateOf(seen.circuit, ports.now());
    if (state === "open") {
      const { openUntil = 0, trial } = seen.circuit;
      // A trial ends long before its time is over.
      const seconds = trial ? 0 : (openUntil - ports.now()) / 1000;
      await eachOf(left, (one) => comeAgain(one, seconds, "the receiver is out of order", rules, ports));
      break;
    }
    if (state === "half-open") {
      const claimed = await ports.follow(seen, onTrial(seen.circuit, ports.now() + holdSeconds(rules) * 1000));
      seen = claimed ?? (await ports.circuit());
      // Somebody else tries whether the receiver is back: what they wrote says what to do.
      if (!claimed) continue;
    }
    const trial = state === "half-open";
    const wave = trial ? left.slice(0, 1) : left;
    left = left.slice(wave.length);
    const ended = await eachOf(wave, (one) => attempt(one, rules, ports));
    const { openings } = seen.circuit;
    seen = await learn(seen, ended, trial);
    opened ||= seen.circuit.openings > openings;
  }
  return { steps, opened };

  /** Takes a step with each message; where it fails on our side, the message comes again as the queue has it. */
  async function eachOf(wave: readonly Received[], take: (one: Received) => Promise<Step>): Promise<readonly Step[]> {
    return Promise.all(
      wave.map(async (one) => {
        const step = await take(one).catch((error: unknown): Step => {
          ports.onError("attempt", error);
          return { message: "again" };
        });
        steps.set(one.messageId, step);
        return step;
      }),
    );
  }

  /** Writes what a wave has told of the receiver, over what others have written meanwhile. */
  async function learn(before: Versioned, ended: readonly Step[], trial: boolean): Promise<Versioned> {
    const count = (receiver: Step["receiver"]) => ended.filter((step) => step.receiver === receiver).length;
    const told = { answers: count("answers"), fails: count("fails"), trial };
    try {
      for (let current = before; ; current = await ports.circuit()) {
        const next = after(current.circuit, told, rules.circuit, ports.now());
        if (next === current.circuit) return current;
        const written = await ports.follow(current, next);
        if (written) return written;
      }
    } catch (error) {
      // What was sent was sent: the circuit learns of it from the next one.
      ports.onError("circuit", error);
      return before;
    }
  }
}
