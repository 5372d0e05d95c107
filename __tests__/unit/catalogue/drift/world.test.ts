import { SIGNAL_NAMES, SIGNALS, signalsAbove, type Thresholds } from "../../../../catalogue/drift/signals";
import { LOST_CONTROL } from "../../../../scripts/bench/simulations/drift";
import { compareWith, keep, trainedPopulation } from "../../../../scripts/bench/simulations/drift/population";

// A small part of `npm run bench -- --only decisions.drift`, which draws many windows.

const THRESHOLDS = Object.fromEntries(SIGNAL_NAMES.map((name) => [name, SIGNALS[name].threshold])) as Thresholds;
const population = trainedPopulation(500);
const training = keep(population(3, 600));
const above = (players: Parameters<typeof keep>[0]) => signalsAbove(compareWith(training, players), THRESHOLDS);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

test("a population whose true risk doubles sets off an alarm, and one that has not changed does not", () => {
  const [calm, lost] = [population(4, 500), population(4, 500, LOST_CONTROL)];
  const risk = [calm, lost].map((players) => mean(players.map(({ probability }) => probability)));
  expect((risk[1] as number) / (risk[0] as number)).toBeGreaterThan(1.7);
  expect(above(lost)).not.toEqual([]);
  expect(above(calm)).toEqual([]);
});
