import { datasetNamed } from "../../../../catalogue/datasets";
import { ONE_CURRENCY } from "../../../../catalogue/datasets/kit/money";
import { MILLISECONDS_PER_DAY } from "../../../../catalogue/datasets/kit/time";
import { oneSided } from "../../../../catalogue/labelling/one-sided";
import { exclusionWithin } from "../../../../catalogue/labelling/outcome-labels";
import { UNSCALED } from "../../../../catalogue/training/scaling";
import { recordReader } from "../../../../handlers/lib/records/records";
import { operatorsInNumbers } from "../../../../handlers/retraining/count-labels/logic";
import { createLineReader } from "../../../../handlers/retraining/prepare/line";
import { prepare } from "../../../../handlers/retraining/prepare/logic";
import { modelReader } from "../../../../handlers/retraining/prepare/model-reader";
import { DELIVERED, type HabitName } from "../../../../scripts/bench/simulations/hazard/watching";
import { NAMES, playersOf } from "./hazard-world";

const PLAYERS = 6000;
const worlds = NAMES.map((name) => ({ name, players: playersOf(name, PLAYERS) }));
const dataset = datasetNamed("before-initial-deposit");

/** Prepares what all operators delivered as one group, as a run does; answers its counts by operator. */
async function prepared() {
  const now = () => DELIVERED;
  const lines = worlds.flatMap(({ players }) =>
    players.map(({ record }) => `${JSON.stringify({ dataset: dataset.name, ...record })}\n`),
  );
  async function* chunks() {
    yield Buffer.from(lines.join(""));
  }
  const reader = createLineReader(
    modelReader({ needs: { groups: [] } }, recordReader(dataset, ONE_CURRENCY, now)),
    exclusionWithin(90),
    ({ playerId }) => playerId,
    new Map(),
    UNSCALED,
    now,
  );
  const { operators, rejected } = await prepare(
    { runId: "run", keys: ["records/all.jsonl"], modified: [0] },
    async () => chunks(),
    reader,
    async () => {},
  );
  expect(rejected).toBe(0);
  return operators;
}

/** The share of positives among labels, over the true rate of the players that count. */
const ratioOf = (players: ReturnType<typeof playersOf>, labels: number, positives: number) => {
  const counting = players.filter(({ counts }) => counts);
  return positives / labels / (counting.filter(({ within }) => within).length / counting.length);
};

const SAY_NOTHING: readonly HabitName[] = ["watch-left-out", "watch-is-of-the-excluded-alone"];

test("labels have the true rate of 90 days, whatever an operator leaves out", async () => {
  const operators = await prepared();
  for (const { name, players } of worlds) {
    const { labelled = 0, positives = 0 } = operators.find(({ operator }) => operator === name) ?? {};
    // Who says of nobody that stayed until when they were watched tells nothing.
    if (SAY_NOTHING.includes(name)) expect([name, labelled]).toEqual([name, 0]);
    else {
      const ratio = ratioOf(players, labelled, positives);
      expect([name, ratio > 0.9 && ratio < 1.1, ratio]).toEqual([name, true, ratio]);
    }
  }
  expect(oneSided(operatorsInNumbers(operators))).toEqual([]);
});

/** Rules that were thought of, in days from `asOf` to the exclusion and to the last look; each label or none. */
type Choice = (excluded: number | undefined, looked: number | undefined) => 0 | 1 | null;
const since = (asOf: string, instant: string | undefined) =>
  instant === undefined ? undefined : (Date.parse(instant) - Date.parse(asOf)) / MILLISECONDS_PER_DAY;
const quiet = (looked = 0) => (looked >= 90 ? 0 : null);
const CHOICES: Readonly<Record<string, Choice>> = {
  "no horizon": (excluded, looked) => (excluded === undefined ? quiet(looked) : 1),
  "follow-up for negatives alone": (excluded = Number.POSITIVE_INFINITY, looked) =>
    excluded <= 90 ? 1 : quiet(looked),
  "the record's own follow-up for both": (excluded = Number.POSITIVE_INFINITY, looked = 0) =>
    looked >= 90 ? (excluded <= 90 ? 1 : 0) : null,
};

// The table of docs/decisions/0034-labels-have-a-horizon.md.
test.each<[string, HabitName, number]>([
  ["no horizon", "complete", 4.2],
  ["no horizon", "loses-sight", 3.1],
  ["follow-up for negatives alone", "complete", 1.1],
  ["follow-up for negatives alone", "loses-sight", 1.2],
  ["follow-up for negatives alone", "watch-left-out", 17.1],
  ["the record's own follow-up for both", "complete", 1],
  ["the record's own follow-up for both", "watch-ends-with-exclusion", 0],
])("with %s the rate of %s is %d times the true one", (choice, name, expected) => {
  const players = playersOf(name, PLAYERS).filter(({ counts }) => counts);
  const labels = players.flatMap(({ record: { asOf, outcome } }) => {
    const { selfExcludedAt, observedUntil } = outcome;
    return CHOICES[choice]?.(since(asOf, selfExcludedAt), since(asOf, observedUntil)) ?? [];
  });
  expect(ratioOf(players, labels.length, labels.filter((label) => label === 1).length)).toBeCloseTo(expected, 1);
});
