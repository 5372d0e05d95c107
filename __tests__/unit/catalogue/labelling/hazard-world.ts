import { createRandom } from "../../../../catalogue/datasets/kit/synthetic";
import { HABITS, type HabitName, watch } from "../../../../scripts/bench/simulations/hazard/watching";

export const NAMES = Object.keys(HABITS) as HabitName[];

/** Draws an operator's players, of whom nothing but their outcome is known. */
export function playersOf(operatorId: HabitName, players: number) {
  return Array.from({ length: players }, (_, index) => {
    const random = createRandom(20_261_126, index);
    const { counts, within, probability, ...told } = watch(operatorId, random, () => {
      const tenure = random.chance(0.1) ? random.between(0, 7) : random.exponential(400);
      // Log-normal hazards: a few players carry most of the risk.
      return { tenure, hazard: random.logNormal(0.0004, 1.2), firstBet: random.exponential(1) - tenure };
    });
    return { record: { operatorId, playerId: `player-${index}`, ...told }, counts, within, probability };
  });
}
