import type { BeforeInitialDepositRecord } from "../../../../catalogue/datasets/before-initial-deposit/record";
import { CHANNELS, DEVICES } from "../../../../catalogue/datasets/before-initial-deposit/vocabulary";
import type { Day, GamblingBehaviourRecord } from "../../../../catalogue/datasets/gambling-behaviour/record";
import { GROUPS, WINDOW_DAYS } from "../../../../catalogue/datasets/gambling-behaviour/vocabulary";
import type { RecordIdentity, TrainingRecord } from "../../../../catalogue/datasets/kit/dataset";
import { createRandom, type Random } from "../../../../catalogue/datasets/kit/synthetic";
import { dateOfDay, dayOfInstant } from "../../../../catalogue/datasets/kit/time";
import { live } from "./lives";
import { OPERATORS, type Operator } from "./operators";
import { type Watched, watch } from "./watching";
import { without } from "./without";

export interface Player<R extends RecordIdentity = RecordIdentity> {
  readonly record: TrainingRecord<R>;
  readonly truth: Pick<Watched, "counts" | "within" | "probability">;
}

/** Draws a player of an operator; the same seed and index, the same player. */
export type Draw<R extends RecordIdentity> = (operator: Operator, seed: number, index: number) => Player<R>;

const choose = <T>(random: Random, values: readonly T[]): T => values[random.integer(0, values.length - 1)] as T;

const streamOf = ({ name }: Operator, index: number) =>
  OPERATORS.findIndex((operator) => operator.name === name) * 10_000_000 + index;

const identity = <D extends string>(dataset: D, operator: Operator, index: number) => ({
  dataset,
  operatorId: operator.name.replace(/\W+/g, "-"),
  playerId: `player-${index}`,
});

/** Days of a life before those of which a record may tell. */
const EARLIER_DAYS = 40;

const behaviour: Draw<GamblingBehaviourRecord> = (operator, seed, index) => {
  const random = createRandom(seed, streamOf(operator, index));
  const tenure = random.chance(0.1) ? random.between(1, WINDOW_DAYS) : WINDOW_DAYS + random.exponential(400);
  let rows: readonly Day[] = [];
  const { counts, within, probability, ...told } = watch(operator.habit, random, (asOf) => {
    const today = dayOfInstant(asOf);
    const life = live(
      random,
      operator.customers,
      today - Math.min(Math.floor(tenure), WINDOW_DAYS + EARLIER_DAYS),
      today,
    );
    rows = life.rows;
    return { tenure, hazard: life.hazard, firstBet: random.exponential(0.1) - tenure };
  });
  const today = dayOfInstant(told.asOf);
  const from = dateOfDay(today - Math.min(WINDOW_DAYS, Math.floor(tenure)));
  const record = {
    ...identity("gambling-behaviour", operator, index),
    age: 18 + Math.floor(Math.min(70, random.exponential(18))),
    priorExclusions: random.poisson(0.05),
    ...told,
    observedFrom: from,
    observedUntil: dateOfDay(today - 1),
    reported: GROUPS.filter((group) => !operator.silentOn.includes(group)),
    days: rows
      .filter(({ date }) => date >= from && date < dateOfDay(today))
      .map((row) => reportedOf(row, operator))
      .filter((row) => Object.keys(row).length > 1),
  };
  return { record: without(record, ...operator.leavesOut), truth: { counts, within, probability } };
};

function reportedOf(row: Day, { silentOn }: Operator): Day {
  const told = without(row, ...silentOn);
  return silentOn.includes("single-stakes") && told.bets
    ? { ...told, bets: without(told.bets, "largest", "variance") }
    : told;
}

const beforeDeposit: Draw<BeforeInitialDepositRecord> = (operator, seed, index) => {
  const random = createRandom(seed, streamOf(operator, index));
  const haste = random.normal(Math.log(operator.customers.urge));
  const sessions = 1 + random.poisson(1.2);
  const seconds = Math.round(random.logNormal(400, 0.9) * sessions);
  const nightSeconds = Math.round(seconds * (random.chance(0.3) ? random.uniform() : 0));
  const responsibleGamblingPages = random.poisson(0.15);
  const others = 1 + random.poisson(9 * sessions * Math.exp(-0.2 * haste));
  const bonusPages = random.poisson(0.12 * others * Math.exp(0.7 * haste));
  const pages = others + bonusPages + responsibleGamblingPages;
  const accountsElsewhere = Math.min(12, random.poisson(0.9 * Math.exp(0.6 * haste)));
  const priorExclusion = random.chance(Math.min(0.5, 0.03 * Math.exp(haste)));
  const worry =
    1.6 * Math.sqrt(accountsElsewhere) +
    2.4 * Number(priorExclusion) +
    (3 * bonusPages) / (pages + 3) +
    (1.5 * nightSeconds) / (seconds + 600) +
    0.9 * Math.min(2, responsibleGamblingPages);
  const tenure = random.exponential(0.4);
  const { counts, within, probability, ...told } = watch(operator.habit, random, () => ({
    tenure,
    hazard: 0.00005 * Math.exp(worry) * random.logNormal(1, 0.2),
    firstBet: random.exponential(2),
  }));
  const record = {
    ...identity("before-initial-deposit", operator, index),
    age: 18 + Math.floor(Math.min(70, random.exponential(18))),
    channel: choose(random, CHANNELS),
    device: choose(random, DEVICES),
    registeredHour: random.integer(0, 23),
    priorExclusion,
    accountsElsewhere,
    kyc: { attempts: 1 + random.poisson(0.4), refused: 0, seconds: Math.round(random.logNormal(200, 0.6)) },
    limits: { count: random.poisson(0.3) },
    browsing: { sessions, seconds, nightSeconds, pages, bonusPages, responsibleGamblingPages },
    ...told,
  };
  return { record: without(record, ...operator.leavesOut), truth: { counts, within, probability } };
};

export const DRAWS = { "gambling-behaviour": behaviour, "before-initial-deposit": beforeDeposit } as const;
