import { hyperparametersOf, modelNamed } from "../../../catalogue/models";
import type { Result } from "../result";
import { linesOf } from "./python";

const SAMPLES = 5;

interface Case {
  readonly harm: string;
  readonly unknown: string;
  readonly added: "none" | "positives" | "both";
  readonly samples: readonly Readonly<Record<"auroc" | "ratio" | "zeros" | "hidden" | "hiddenAsZero", number>>[];
}

/** Measures what labels of a labelling model do to the model that is trained on them, where the truth is known. */
export async function simulateAutomaticLabels(at: (what: string) => void): Promise<Result[]> {
  at(`${SAMPLES} samples of each of six worlds`);
  const told = hyperparametersOf(modelNamed("before-initial-deposit-problem-gambling"));
  const cases = await linesOf<Case>("automatic_labels.py", [String(SAMPLES), JSON.stringify(told)], at);
  return cases.map(({ harm, unknown, added, samples }): Result => {
    const mean = (of: keyof (typeof samples)[number]) =>
      samples.reduce((sum, each) => sum + each[of], 0) / samples.length;
    return {
      what: `mean score over true rate: automatic labels ${added}, harm ${harm}, unknown ${unknown}`,
      value: mean("ratio"),
      unit: "×",
      detail: `AUROC ${mean("auroc").toFixed(3)}; ${mean("hiddenAsZero").toFixed(0)} of ${mean("hidden").toFixed(0)} hidden positives became 0`,
    };
  });
}
