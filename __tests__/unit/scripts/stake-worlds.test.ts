import { gamblingBehaviour } from "../../../catalogue/datasets/gambling-behaviour";
import { ONE_CURRENCY } from "../../../catalogue/datasets/kit/money";
import { recordReader } from "../../../handlers/lib/records/records";
import { generateStakes, WORLDS } from "../../../scripts/bench/simulations/stake-worlds";

const OPTIONS = { seed: 3, players: 150, now: "2026-11-01T00:00:00Z" };
const reader = recordReader(gamblingBehaviour, ONE_CURRENCY, () => Date.parse(OPTIONS.now));
const names = Object.keys(WORLDS) as (keyof typeof WORLDS)[];

test.each(names)("players of the world %s are records, whose stake to come is often nothing", (world) => {
  const players = [...generateStakes(world, OPTIONS)];
  const problems = players.flatMap(({ outcome: _, ...record }) => reader.check(record));
  expect(problems).toEqual([]);
  const stakes = players.map(({ outcome }) => outcome.stake ?? Number.NaN);
  const idle = stakes.filter((stake) => stake === 0).length / stakes.length;
  expect(idle).toBeGreaterThan(0.5);
  expect(idle).toBeLessThan(0.95);
});

test.each(names)("the same seed makes the same players of %s, whatever their number", (world) => {
  const few = [...generateStakes(world, { ...OPTIONS, players: 5 })];
  expect([...generateStakes(world, { ...OPTIONS, players: 9 })].slice(0, 5)).toEqual(few);
  expect([...generateStakes(world, { ...OPTIONS, seed: 4, players: 5 })]).not.toEqual(few);
});
