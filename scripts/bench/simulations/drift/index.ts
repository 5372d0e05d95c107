import { createRandom, type Random } from "../../../../catalogue/datasets/kit/synthetic";
import { PSI } from "../../../../catalogue/drift/bins";
import {
  type Comparison,
  SIGNAL_NAMES,
  SIGNALS,
  type SignalName,
  signalsAbove,
  type Thresholds,
} from "../../../../catalogue/drift/signals";
import type { Result } from "../../result";
import { compareWith, keep, type Scored, trainedPopulation } from "./population";

/** Windows of each kind. */
const WINDOWS = 40;
const TRAINED_ON = 8_000;
const HELD_OUT = 4_000;
const POOL = 20_000;
/** Share of the players, or of the requests, that are captured. */
const SHARE = 0.1;

/** Everybody loses control two months ago: true prevalence doubles. */
export const LOST_CONTROL = { lost: 0.8, days: 60 } as const;

const THRESHOLDS = Object.fromEntries(SIGNAL_NAMES.map((name) => [name, SIGNALS[name].threshold])) as Thresholds;

type Draw = (random: Random) => readonly Scored[];

interface Case {
  readonly what: string;
  /** Draws a window of these players. */
  readonly draw: (players: readonly Scored[]) => Draw;
  readonly players: readonly Scored[];
  readonly limit?: Result["limit"];
}

const detected = { of: "value", atLeast: 95, atMost: 100 } as const;
const quiet = { of: "value", atMost: 5 } as const;

/** Draws players at random, each once. */
const some =
  (count: number) =>
  (players: readonly Scored[]): Draw =>
  (random) =>
    players
      .map((player) => ({ player, at: random.uniform() }))
      .sort((one, other) => one.at - other.at)
      .slice(0, count)
      .map(({ player }) => player);

/** Draws a day's players: who sends more requests is more likely to send one on that day. */
const active = (players: readonly Scored[], random: Random) =>
  players.filter(({ requests }) => random.chance(1 - Math.exp(-requests / 2)));

/** Draws the day's requests that are captured, each by itself, as the players who sent them. */
const byRequest =
  (players: readonly Scored[]): Draw =>
  (random) =>
    active(players, random).flatMap((player) =>
      Array.from({ length: Math.min(player.requests, 2_000) }).flatMap(() => (random.chance(SHARE) ? [player] : [])),
    );

/** Draws the day's players who are captured. */
const byPlayer =
  (players: readonly Scored[]): Draw =>
  (random) =>
    active(players, random).filter(() => random.chance(SHARE));

/**
 * Measures how often drift sets off an alarm in a world of heavy tails: when everybody loses control, when few players
 * send most requests, and when nothing has changed; from the rows held out in training, and from a first window.
 */
export async function simulateDrift(at: (what: string) => void): Promise<Result[]> {
  at("players, and a model of them");
  const population = trainedPopulation(TRAINED_ON);
  const calm = population(4, POOL);
  const lost = population(5, POOL, LOST_CONTROL);
  const training = keep(population(3, HELD_OUT));
  const first = population(6, POOL);
  const cases: readonly Case[] = [
    ...[1_000, 3_000].flatMap((count): readonly Case[] => [
      { what: `all lose control, ${count} players`, draw: some(count), players: lost, limit: detected },
      { what: `nothing changes, ${count} players`, draw: some(count), players: calm, limit: quiet },
    ]),
    { what: "nothing changes, 200 players", draw: some(200), players: calm, limit: quiet },
    { what: "few send most requests", draw: byPlayer, players: calm, limit: quiet },
    {
      what: "the same, were requests captured at random",
      draw: (players) => (random) => [...new Set(byRequest(players)(random))],
      players: calm,
    },
    { what: "the same, did every row count", draw: byRequest, players: calm },
  ];
  return cases.map(({ what, draw, players, limit }, index) => {
    at(`${WINDOWS} windows: ${what}`);
    const random = createRandom(7, index);
    const window = draw(players);
    const before = draw(first);
    const windows = Array.from(
      { length: WINDOWS },
      () => [compareWith(training, window(random)), compareWith(keep(before(random)), window(random))] as const,
    );
    return {
      what,
      value: (100 * windows.filter((each) => each.some(isAbove)).length) / WINDOWS,
      unit: "%",
      detail: detailOf(windows),
      ...(limit && { limit }),
    };
  });
}

const isAbove = (comparison: Comparison) => signalsAbove(comparison, THRESHOLDS).length > 0;

/** Says how often each signal was above its threshold, of both references, and the largest PSI above Siddiqi's. */
function detailOf(windows: readonly (readonly [Comparison, Comparison])[]): string {
  const percent = (hits: number) => `${((100 * hits) / windows.length).toFixed(0)} %`;
  const rate = (name: SignalName, reference: 0 | 1) =>
    percent(windows.filter((each) => signalsAbove(each[reference], THRESHOLDS).includes(name)).length);
  const largest = windows.filter(([{ worst }]) => (worst[0]?.value ?? 0) > PSI.major).length;
  const signals = SIGNAL_NAMES.map((name) => `${name} ${rate(name, 0)}/${rate(name, 1)}`);
  return [...signals, `largest PSI ${percent(largest)}`].join(", ");
}
