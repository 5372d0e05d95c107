import { datasetNamed } from "../../../../catalogue/datasets";
import { ONE_CURRENCY } from "../../../../catalogue/datasets/kit/money";
import { labelOf, type Model } from "../../../../catalogue/models";
import { UNSCALED } from "../../../../catalogue/training/scaling";
import type { Counts } from "../../../../contracts/run-layout";
import { recordReader } from "../../../../handlers/lib/records/records";
import { createLineReader } from "../../../../handlers/retraining/prepare/line";
import { prepare } from "../../../../handlers/retraining/prepare/logic";
import { modelReader } from "../../../../handlers/retraining/prepare/model-reader";
import { OPERATORS, type Operator } from "./operators";
import { DRAWS } from "./players";
import { DELIVERED } from "./watching";

export type World = keyof typeof DRAWS;

interface Part {
  /** `<split>/<file>`. */
  readonly key: string;
  readonly body: Buffer;
}

/** Seed of the players that are trained on. */
const TRAINED = 0;

const now = () => DELIVERED;

const playersOf = ({ size }: Operator, usual: number) => Math.round(size * usual);

/** Makes rows of a world's players for a model. */
export function rowsOf(model: Model, world: World) {
  const draw = DRAWS[world];
  const reader = modelReader(model, recordReader(datasetNamed(world), ONE_CURRENCY, now));
  const readLine = createLineReader(reader, labelOf(model), ({ playerId }) => playerId, new Map(), UNSCALED, now);

  async function* object(operator: Operator, players: number): AsyncIterable<Buffer> {
    for (let index = 0; index < players; index += 1) {
      yield Buffer.from(`${JSON.stringify(draw(operator, TRAINED, index).record)}\n`);
    }
  }

  /** Operators of whom the model judges anybody. */
  const judged = OPERATORS.filter((operator) =>
    Array.from({ length: 20 }, (_, index) => draw(operator, TRAINED, index)).some(
      ({ record }) => reader.lacks(record).length === 0,
    ),
  );

  return {
    /** Prepares records of every operator, an object each, as a run does. */
    prepared: async (players: number): Promise<{ readonly counts: Counts; readonly parts: readonly Part[] }> => {
      const parts: Part[] = [];
      const operators = new Map(OPERATORS.map((operator) => [`records/${operator.name}`, operator]));
      const [first = "", ...others] = operators.keys();
      const counts = await prepare(
        { runId: "run", keys: [first, ...others], modified: OPERATORS.map(() => 0) },
        async (key) => {
          const operator = operators.get(key);
          if (operator === undefined) throw new Error(`no operator delivers ${key}`);
          return object(operator, playersOf(operator, players));
        },
        readLine,
        async (key, body) => {
          parts.push({ key: key.split("/").slice(-2).join("/"), body: Buffer.from(body) });
        },
      );
      return { counts, parts };
    },

    judged,

    /** Writes players who count and are judged as CSV: true probability, index of the operator, features. */
    withTruth: (players: number, seed: number): string[] =>
      judged.flatMap((operator, of) =>
        Array.from({ length: players }, (_, index) => draw(operator, seed, index)).flatMap(({ record, truth }) => {
          if (!truth.counts || reader.lacks(record).length > 0) return [];
          const { outcome: _outcome, ...asked } = record;
          const { vector } = reader.features(asked as typeof record);
          return [truth.probability, of, ...vector.map((value) => value ?? "nan")].join();
        }),
      ),
  };
}
