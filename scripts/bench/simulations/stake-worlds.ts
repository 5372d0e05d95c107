import type { GamblingBehaviourRecord } from "../../../catalogue/datasets/gambling-behaviour/record";
import type { SyntheticOptions, TrainingRecord } from "../../../catalogue/datasets/kit/dataset";
import { cents, createRandom, instantOf, type Random } from "../../../catalogue/datasets/kit/synthetic";
import { dateOfDay, dayOfInstant, MILLISECONDS_PER_DAY } from "../../../catalogue/datasets/kit/time";

/**
 * Worlds in which players stake money by laws of their own, day by day, so that tomorrow's stake is a further day of
 * the same and no function of a record's features. No feature of ours and no generator of ours shaped them: they tell
 * whether a marketing model beats its own features where nobody made it easy.
 */

/** Stakes of the days of a player from the first one on; the last is the day asked for. */
type Life = (random: Random, days: number, firstDay: number) => readonly number[];

/** Draws from a Pareto distribution from 1 on; with a shape of 2 or less its variance is infinite. */
const pareto = (random: Random, shape: number): number => (1 - random.uniform()) ** (-1 / shape);

/**
 * Players play in spells, whose days are as likely as the player is keen, and some stop for good. The usual stake has a
 * heavy tail among players and drifts like a random walk with jumps, and single days are heavy-tailed too.
 */
const spells: Life = (random, days) => {
  const usual = random.logNormal(6, 0.9) * pareto(random, 2.6);
  const keen = 0.05 + 0.9 * random.uniform() ** 2;
  const [spell, pause] = [random.exponential(25) + 2, random.exponential(20) + 1];
  const spread = random.between(0.3, 1);
  const wander = random.between(0, 0.06);
  const stops = random.chance(0.5) ? random.exponential(150) : Number.POSITIVE_INFINITY;
  let [playing, level] = [random.chance(spell / (spell + pause)), 0];
  return Array.from({ length: days }, (_, day) => {
    level = 0.99 * level + random.normal(0, wander) + (random.chance(0.005) ? random.normal(0, 0.7) : 0);
    if (random.chance(1 / (playing ? spell : pause))) playing = !playing;
    const chance = playing && day < stops ? keen : 0;
    const drawn = random.chance(0.03) ? pareto(random, 3) : 1;
    return random.chance(chance) ? usual * Math.exp(level) * random.logNormal(1, spread) * drawn : 0;
  });
};

/**
 * Players have days of the week, the first days of a month loosen their purse, most stake much the same each time and
 * rarely a fortune, and over the weeks they come more or less often and stake more or less.
 */
const calendar: Life = (random, days, firstDay) => {
  const usual = random.pick({ few: 6, some: 3, many: 1 });
  const ticket = { few: 4, some: 20, many: 120 }[usual] * random.logNormal(1, 0.5);
  const weekdays = Array.from({ length: 7 }, () => Math.min(0.95, 0.9 * random.uniform() ** random.between(1, 8)));
  const [often, more] = [random.normal(0, 0.012), random.normal(0, 0.01)];
  const payday = random.between(1, 3);
  return Array.from({ length: days }, (_, at) => {
    const [day, left] = [firstDay + at, days - 1 - at];
    const paid = Number(dateOfDay(day).slice(8)) <= 3 ? payday : 1;
    const chance = Math.min(0.97, (weekdays[day % 7] as number) * Math.exp(-often * left) * Math.sqrt(paid));
    const fortune = random.chance(0.01) ? 3 * pareto(random, 2.6) : 1;
    return random.chance(chance) ? ticket * Math.exp(-more * left) * random.logNormal(1, 0.25) * paid * fortune : 0;
  });
};

export const WORLDS = { spells, calendar } satisfies Readonly<Record<string, Life>>;

/** Generates the players of a world. */
export function* generateStakes(
  world: keyof typeof WORLDS,
  { seed, players, now }: SyntheticOptions,
): Generator<TrainingRecord<GamblingBehaviourRecord>> {
  for (let index = 0; index < players; index += 1) {
    const random = createRandom(seed, index);
    const asOf = instantOf(Date.parse(now) - random.between(10, 360) * MILLISECONDS_PER_DAY);
    const asOfDay = dayOfInstant(asOf);
    const tenure = Math.ceil(random.chance(0.1) ? random.between(2, 30) : 30 + random.exponential(300));
    // A year tells all that a record can hold.
    const lived = Math.min(365, tenure);
    const firstDay = asOfDay - lived;
    const stakes = WORLDS[world](random, lived + 2, firstDay);
    const observedFrom = Math.max(firstDay, asOfDay - 90);
    const rows = stakes.slice(observedFrom - firstDay, lived).flatMap((wanted, at) => {
      if (wanted === 0) return [];
      const stake = Math.max(0.1, cents(wanted));
      const count = Math.min(Math.floor(stake * 10), 1 + random.poisson(4));
      const payout = cents(stake * random.logNormal(0.8, 0.6));
      const deposits = random.chance(0.4) && { count: 1, amount: Math.ceil(stake), declined: 0, methods: 1 };
      const sessions = { count: 1, seconds: Math.round(random.between(300, 6000)), nightSeconds: 0 };
      return [
        { date: dateOfDay(observedFrom + at), bets: { count, stake, payout }, sessions, ...(deposits && { deposits }) },
      ];
    });
    yield {
      dataset: "gambling-behaviour",
      playerId: `${world}-${index}`,
      operatorId: "operator-a",
      asOf,
      registeredAt: instantOf(Date.parse(asOf) - tenure * MILLISECONDS_PER_DAY),
      observedFrom: dateOfDay(observedFrom),
      observedUntil: dateOfDay(asOfDay - 1),
      reported: ["bets", "deposits", "sessions"],
      days: rows,
      outcome: { stake: cents(stakes[lived + 1] as number) },
    };
  }
}
