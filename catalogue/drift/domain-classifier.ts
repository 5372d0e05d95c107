import { auc } from "../datasets/kit/synthetic";
import { type BinnedRow, trainLogistic } from "./logistic";

/** How well rows of the traffic can be told from rows of the reference. */
export interface Separability {
  /** Area under the ROC curve on rows that the classifier had not seen: 0.5 where it can tell nothing. */
  readonly auroc: number;
  /** Standard error of it, were both from one population. */
  readonly error: number;
}

/** Rows of each side are dealt to so many parts; each is judged by what was learnt from the others. */
const FOLDS = 5;

/**
 * Measures how well a classifier tells traffic from the reference, by cross-validation: when it can learn which of both
 * a row is of, the population is another one, even where no feature alone shows it (a classifier two-sample test;
 * Lopez-Paz and Oquab 2017). It adds up what each feature says, so it does not see a change that is only in how features
 * hang together. Each side needs five rows.
 */
export function separability(reference: readonly BinnedRow[], traffic: readonly BinnedRow[]): Separability {
  const rows = [
    ...reference.map((row, index) => ({ row, isTraffic: false, part: index % FOLDS })),
    ...traffic.map((row, index) => ({ row, isTraffic: true, part: index % FOLDS })),
  ];
  const areas = Array.from({ length: FOLDS }, (_, fold) => {
    const seen = rows.filter(({ part }) => part !== fold);
    const own = rows.filter(({ part }) => part === fold);
    const share = seen.filter(({ isTraffic }) => isTraffic).length / seen.length;
    const logit = trainLogistic(
      seen.map(({ row }) => row),
      seen.map(({ isTraffic }) => isTraffic),
      // Both sides weigh the same, however many rows they have.
      (isTraffic) => 0.5 / (isTraffic ? share : 1 - share),
    );
    return auc(
      own.map(({ row }) => logit(row)),
      own.map(({ isTraffic }) => Number(isTraffic)),
    );
  });
  const [n, m] = [reference.length, traffic.length];
  return {
    auroc: areas.reduce((sum, area) => sum + area, 0) / FOLDS,
    // Of a Mann-Whitney statistic under the null hypothesis.
    error: Math.sqrt((n + m + 1) / (12 * n * m)),
  };
}
