import fc from "fast-check";
import { after, type Circuit, CLOSED, onTrial, stateOf } from "../../../../../handlers/interventions/deliver/circuit";

const RULES = { failures: 5, open: 30, longest: 900 };
const NOW = Date.UTC(2026, 10, 26);
const failed = (circuit: Circuit, fails: number, now = NOW, trial = false) =>
  after(circuit, { answers: 0, fails, trial }, RULES, now);

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
    circuit = failed(onTrial(circuit, at + 45_000), 1, at, true);
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

test("calls that were under way when it opened make it no longer", () => {
  const open = failed(CLOSED, 10);
  expect(failed(open, 10, NOW + 15_000)).toBe(open);
  expect(failed(open, 10, NOW + 31_000)).toBe(open);
});

test("one success closes it, whatever failed beside it", () => {
  const open = failed(CLOSED, 5);
  expect(after(open, { answers: 1, fails: 4, trial: false }, RULES, NOW)).toEqual(CLOSED);
  expect(after(failed(CLOSED, 4), { answers: 1, fails: 0, trial: false }, RULES, NOW)).toEqual(CLOSED);
});

test("nothing is written where nothing has changed", () => {
  const open = failed(CLOSED, 5);
  expect(after(CLOSED, { answers: 9, fails: 0, trial: false }, RULES, NOW)).toBe(CLOSED);
  expect(after(open, { answers: 0, fails: 0, trial: false }, RULES, NOW)).toBe(open);
});

test("however calls end, a receiver that answers is found within the longest time", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(40), { maxLength: 200 }), (failures) => {
      const circuit = failures.reduce((before, each) => failed(before, each, NOW, each % 2 === 0), CLOSED);
      expect(stateOf(circuit, NOW + RULES.longest * 1000)).not.toBe("open");
    }),
  );
});
