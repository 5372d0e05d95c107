import fc from "fast-check";
import { after, type Circuit, CLOSED, onTrial, stateOf } from "../../../../../handlers/interventions/deliver/circuit";

const RULES = { failures: 5, open: 30, longest: 900 };
const NOW = Date.UTC(2026, 10, 26);
const failed = (circuit: Circuit, failures: number, now = NOW) =>
  after(circuit, { succeeded: 0, failed: failures }, RULES, now);

test("it opens with the fifth failure in a row, for half a minute", () => {
  const four = failed(failed(CLOSED, 3), 1);
  expect(stateOf(four, NOW)).toBe("closed");
  const five = failed(four, 1);
  expect(five).toEqual({ failures: 5, openings: 1, openUntil: NOW + 30_000 });
  expect([NOW, NOW + 29_999, NOW + 30_000].map((now) => stateOf(five, now))).toEqual(["open", "open", "half-open"]);
});

test("each trial that fails opens it for twice as long, up to a quarter of an hour", () => {
  let circuit = failed(CLOSED, 5);
  const seconds = Array.from({ length: 8 }, () => {
    const at = circuit.openUntil as number;
    circuit = failed(onTrial(circuit, at + 45_000), 1, at);
    return ((circuit.openUntil as number) - at) / 1000;
  });
  expect(seconds).toEqual([60, 120, 240, 480, 900, 900, 900, 900]);
});

test("while somebody tries, it is open for all others", () => {
  const open = failed(CLOSED, 5);
  const later = NOW + 31_000;
  expect(stateOf(open, later)).toBe("half-open");
  expect(stateOf(onTrial(open, later + 45_000), later)).toBe("open");
});

test("one success closes it, whatever failed beside it", () => {
  const open = failed(CLOSED, 5);
  expect(after(open, { succeeded: 1, failed: 4 }, RULES, NOW)).toEqual(CLOSED);
  expect(after(failed(CLOSED, 4), { succeeded: 1, failed: 0 }, RULES, NOW)).toEqual(CLOSED);
});

test("nothing is written where nothing has changed", () => {
  const open = failed(CLOSED, 5);
  expect(after(CLOSED, { succeeded: 9, failed: 0 }, RULES, NOW)).toBe(CLOSED);
  expect(after(open, { succeeded: 0, failed: 0 }, RULES, NOW)).toBe(open);
});

test("however calls end, a receiver that answers is found within the longest time", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(40), { maxLength: 200 }), (failures) => {
      const circuit = failures.reduce((before, each) => failed(before, each), CLOSED);
      expect(stateOf(circuit, NOW + RULES.longest * 1000)).not.toBe("open");
    }),
  );
});
