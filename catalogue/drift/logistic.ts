import { createRandom } from "../datasets/kit/synthetic";
import { MOST_BINS } from "./bins";

/** A row as the bins of its features, in the order of the vector. */
export type BinnedRow = Uint8Array;

const EPOCHS = 8;
const RATE = 0.1;
/** Some ten bins a feature are many: without shrinking, thousands of rows are learnt by heart. */
const DECAY = 0.003;

/**
 * Trains a logistic regression over the bins of all features, by stochastic gradients with AdaGrad's rates; returns the
 * logit of a row. The same rows in the same order give the same model.
 *
 * @param weightOf How much a row of a label counts.
 */
export function trainLogistic(
  rows: readonly BinnedRow[],
  labels: readonly boolean[],
  weightOf: (label: boolean) => number = () => 1,
): (row: BinnedRow) => number {
  const columns = rows[0]?.length ?? 0;
  const bias = columns * MOST_BINS;
  const weights = new Float64Array(bias + 1);
  const squares = new Float64Array(bias + 1).fill(1e-3);
  const logit = (row: BinnedRow) => {
    let sum = weights[bias] as number;
    for (let column = 0; column < columns; column += 1)
      sum += weights[column * MOST_BINS + (row[column] as number)] as number;
    return sum;
  };
  const step = (place: number, slope: number) => {
    const gradient = slope + DECAY * (weights[place] as number);
    squares[place] = (squares[place] as number) + gradient * gradient;
    weights[place] = (weights[place] as number) - (RATE * gradient) / Math.sqrt(squares[place] as number);
  };
  const order = shuffled(rows.length);
  for (let epoch = 0; epoch < EPOCHS; epoch += 1) {
    for (const index of order) {
      const [row, label] = [rows[index] as BinnedRow, labels[index] === true];
      const slope = (1 / (1 + Math.exp(-logit(row))) - Number(label)) * weightOf(label);
      for (let column = 0; column < columns; column += 1) step(column * MOST_BINS + (row[column] as number), slope);
      step(bias, slope);
    }
  }
  return logit;
}

/** Shuffles the numbers below `count`, in an order that is the same every time (Fisher-Yates). */
function shuffled(count: number): readonly number[] {
  const random = createRandom(1);
  const order = Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last -= 1) {
    const other = random.integer(0, last);
    [order[last], order[other]] = [order[other] as number, order[last] as number];
  }
  return order;
}
