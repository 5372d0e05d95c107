import { gamblingBehaviour } from "../../../../catalogue/datasets/gambling-behaviour";
import { createRandom, sigmoid } from "../../../../catalogue/datasets/kit/synthetic";
import { type BinnedRow, trainLogistic } from "../../../../catalogue/drift/logistic";
import type { PlayerRow } from "../../../../catalogue/drift/player-rows";
import { binned, type Reference, referenceOf, SAMPLE } from "../../../../catalogue/drift/reference";
import { type Comparison, compare } from "../../../../catalogue/drift/signals";
import { modelNamed } from "../../../../catalogue/models";
import { type Change, type WorldPlayer, worldPlayer } from "./world";

/** A player of the world with the score of a model that was trained there. */
export interface Scored extends WorldPlayer {
  readonly row: PlayerRow;
}

const NAMES = gamblingBehaviour.features.map(({ name }) => name);
const { riskThresholds } = modelNamed("gambling-behaviour-problem-gambling");

const unscored = ({ features }: WorldPlayer): PlayerRow => ({ at: 0, features, score: 0 });

/**
 * Trains a model on so many players of the world, whose labels are drawn by their true risk. Returns what draws further
 * players with its scores: the same stream, the same players.
 */
export function trainedPopulation(players: number) {
  const drawn = Array.from({ length: players }, (_, index) => worldPlayer(1, index));
  const bins = referenceOf(drawn.map(unscored), undefined);
  const random = createRandom(2);
  const logit = trainLogistic(
    drawn.map((player) => binned(bins, unscored(player))),
    drawn.map(({ probability }) => random.chance(probability)),
  );
  return (stream: number, count: number, change?: Change): readonly Scored[] =>
    Array.from({ length: count }, (_, index) => {
      const player = worldPlayer(stream, index, change);
      const row = unscored(player);
      return { ...player, row: { ...row, score: sigmoid(logit(binned(bins, row))) } };
    });
}

/** A reference as a measurement reads it. */
interface Kept {
  readonly reference: Reference;
  readonly sample: readonly BinnedRow[];
}

/** Makes a reference of players, and keeps a sample of them. */
export function keep(players: readonly Scored[]): Kept {
  const rows = players.map(({ row }) => row);
  const reference = referenceOf(rows, riskThresholds);
  return { reference, sample: rows.slice(0, SAMPLE).map((row) => binned(reference, row)) };
}

export const compareWith = ({ reference, sample }: Kept, players: readonly Scored[]): Comparison =>
  compare(
    players.map(({ row }) => row),
    reference,
    sample,
    NAMES,
  );
