import { gamblingBehaviour } from "../../../../catalogue/datasets/gambling-behaviour";
import type { Day } from "../../../../catalogue/datasets/gambling-behaviour/record";
import { GROUPS } from "../../../../catalogue/datasets/gambling-behaviour/vocabulary";
import { createRandom, type Random, sigmoid } from "../../../../catalogue/datasets/kit/synthetic";
import { dateOfDay, SECONDS_PER_DAY } from "../../../../catalogue/datasets/kit/time";

/**
 * A world of sessions: somebody sits down with money, plays until it is gone or time is up, and, by how much control
 * they have, goes on with more. Its tails are heavy, and no feature of ours nor our generator of the dataset shaped it.
 */

const LAST_DAY = 20_750;
const DAYS = 90;

export interface WorldPlayer {
  /** As they go to the endpoint; NaN is missing. */
  readonly features: Float32Array;
  /** Chance of harm within the horizon. */
  readonly probability: number;
  /** Requests in a window: few players send most. */
  readonly requests: number;
}

export interface Change {
  /** Control that everybody loses, in standard deviations of it. */
  readonly lost: number;
  /** Days for which it has been lost. */
  readonly days: number;
}

const NOTHING: Change = { lost: 0, days: 0 };

/** Draws from a Pareto distribution: with a tail of 1.5 there is no variance. */
const pareto = (random: Random, least: number, tail: number) => least * (1 - random.uniform()) ** (-1 / tail);

interface Traits {
  readonly control: number;
  readonly sessionsPerDay: number;
  readonly purse: number;
  readonly patience: number;
  readonly night: number;
  readonly product: "slots" | "casino" | "sports" | "poker" | "lottery";
}

/** Draws a player; the same seed and index is the same person, whatever happens to their control. */
export function worldPlayer(seed: number, index: number, change: Change = NOTHING): WorldPlayer {
  const random = createRandom(seed, index);
  const traits: Traits = {
    control: random.normal(),
    sessionsPerDay: Math.min(6, pareto(random, 0.08, 1.1)),
    purse: pareto(random, 8, 1.4),
    patience: random.logNormal(1200, 0.7),
    night: sigmoid(random.normal(-2, 1.5)),
    product: random.pick({ slots: 4, casino: 2, sports: 4, poker: 1, lottery: 2 }),
  };
  const tenure = Math.ceil(random.exponential(600)) + 1;
  const observed = Math.min(DAYS, tenure);
  let binge = 0;
  const days: Day[] = [];
  for (let ago = observed; ago >= 1; ago -= 1) {
    const control = traits.control - (ago <= change.days ? change.lost : 0);
    // Spells of play last for a heavy-tailed time, and those without control begin them more often.
    if (binge > 0) binge -= 1;
    else if (random.chance(0.02 * Math.exp(-0.3 * control))) binge = Math.ceil(pareto(random, 1, 1.2));
    const sessions = random.poisson(Math.min(8, traits.sessionsPerDay * (binge > 0 ? 3 : 0.7)));
    if (sessions > 0) days.push(dayOf(random, traits, control, sessions, dateOfDay(LAST_DAY - ago)));
  }
  const control = traits.control - change.lost;
  const hazard = Math.exp(-3.0 - 1.0 * control + 0.35 * Math.log(traits.sessionsPerDay * 5) + random.normal(0, 0.6));
  const features = gamblingBehaviour.extract({
    dataset: "gambling-behaviour",
    playerId: `world-${index}`,
    operatorId: "world",
    asOf: `${dateOfDay(LAST_DAY)}T12:00:00Z`,
    age: Math.min(90, Math.round(18 + random.exponential(18))),
    registeredAt: `${dateOfDay(LAST_DAY - tenure)}T00:00:00Z`,
    observedFrom: dateOfDay(LAST_DAY - observed),
    observedUntil: dateOfDay(LAST_DAY - 1),
    reported: GROUPS.filter((group) => group !== "contacts"),
    days,
  });
  return {
    features: Float32Array.from(gamblingBehaviour.features, ({ name }) => features[name] ?? Number.NaN),
    probability: 1 - Math.exp(-hazard),
    requests: Math.ceil(pareto(random, 0.3 * traits.sessionsPerDay, 0.9)),
  };
}

/** Plays a day's sessions, each until the money or the time is over, and on where control is lost. */
function dayOf(random: Random, traits: Traits, control: number, sessions: number, date: string): Day {
  const deposits = { count: 0, amount: 0, declined: 0, methods: 1 };
  const bets = { count: 0, stake: 0, payout: 0, largest: 0, variance: 0 };
  let [seconds, nightSeconds, balance, reversed, withdrawn, raised] = [0, 0, 0, 0, 0, 0];
  for (let session = 0; session < sessions; session += 1) {
    let money = traits.purse * random.logNormal(Math.exp(-0.25 * control), 0.6);
    for (let go = true; go; ) {
      deposits.count += 1;
      deposits.amount += money;
      const stake = money * random.between(0.5, 3);
      const payout = random.chance(0.06) ? stake * pareto(random, 1, 1.5) : stake * random.between(0.3, 0.95);
      const number = Math.ceil(random.logNormal(traits.product === "lottery" ? 2 : 25, 0.8));
      bets.count += number;
      bets.stake += stake;
      bets.payout += payout;
      bets.largest = Math.max(bets.largest, Math.min(stake, (stake / number) * pareto(random, 1, 1.5)));
      const time = random.logNormal(traits.patience * Math.exp(-0.25 * control), 0.8);
      seconds += time;
      if (random.chance(Math.min(1, traits.night * Math.exp(-0.25 * control)))) nightSeconds += time;
      balance = Math.max(0, money + payout - stake);
      const lost = payout < stake;
      go = lost && deposits.count < 30 && random.chance(0.75 * sigmoid(-1 - 1.1 * control));
      if (go) {
        deposits.declined += random.poisson(0.25 * sigmoid(-0.6 * control));
        if (random.chance(0.1)) deposits.methods = Math.min(4, deposits.methods + 1);
        if (random.chance(0.02 * Math.exp(-0.4 * control))) raised += 1;
        money *= random.logNormal(1.3, 0.4);
      } else if (!lost && random.chance(0.5)) {
        withdrawn += balance;
        if (random.chance(0.4 * sigmoid(-0.7 * control))) reversed += 1;
      }
    }
  }
  const mean = bets.stake / bets.count;
  const most = Math.min(SECONDS_PER_DAY, seconds);
  return {
    date,
    deposits,
    bets: { ...bets, largest: Math.max(bets.largest, mean), variance: mean * mean * random.logNormal(1, 1) },
    sessions: {
      count: sessions,
      seconds: Math.round(most),
      nightSeconds: Math.round(Math.min(most, nightSeconds)),
    },
    products: { [traits.product]: bets.stake },
    balance: { lowest: 0.5 * balance, closing: balance },
    ...(withdrawn > 0 && { withdrawals: { count: 1 + reversed, amount: withdrawn, reversed } }),
    ...(raised > 0 && { limits: { raised, lowered: 0 } }),
  };
}
