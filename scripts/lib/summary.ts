import type { Prediction } from "../../handlers/shared/contracts";
import { table } from "./table";

interface Answered {
  readonly predictions: readonly Prediction[];
  readonly errors: readonly { readonly pointer: string; readonly message: string }[];
}

const shown = ({ score, suppressed }: Prediction): string =>
  suppressed ? `suppressed: ${suppressed.reason}` : (score ?? 0).toFixed(score !== undefined && score < 1 ? 3 : 2);

/** What two calls with the same batch answered, side by side. */
export function predictionTable(before: Answered, after: Answered): string {
  const keyOf = ({ index, model }: Prediction) => `${index} ${model}`;
  const later = new Map(after.predictions.map((prediction) => [keyOf(prediction), prediction]));
  return table(
    ["player", "model", "first model", "retrained", "risk group", "reasons"],
    before.predictions.map((first) => {
      const second = later.get(keyOf(first));
      return [
        first.playerId,
        first.model,
        shown(first),
        second ? shown(second) : "no answer",
        second?.riskGroup ?? "",
        (second?.reasons ?? []).slice(0, 3).join(", "),
      ];
    }),
  );
}

export type { Answered };
