import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { PSI } from "../../catalogue/drift/bins";
import { REFERENCE_NAMES, type ReferenceName } from "../../catalogue/drift/reference";
import { SIGNAL_NAMES, SIGNALS } from "../../catalogue/drift/signals";
import type { Input } from "../../contracts/inputs";
import type { DriftResult, Measured } from "../../handlers/monitoring/drift/logic";
import type { Naming } from "../../modules/base/naming";
import { UserError } from "./process";
import { table } from "./table";

/** Measures a model's drift now. Throws a `UserError` with what the function says when it fails. */
export async function measureDrift(
  { lambda, naming }: { readonly lambda: LambdaClient; readonly naming: Naming },
  input: Input<"drift">,
): Promise<DriftResult> {
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({
      FunctionName: naming.of("function", "drift"),
      Qualifier: "live",
      Payload: Buffer.from(JSON.stringify(input)),
    }),
  );
  const answer = JSON.parse(Buffer.from(Payload ?? []).toString()) as DriftResult & { errorMessage?: string };
  if (FunctionError) throw new UserError(`Drift cannot be measured: ${answer.errorMessage}`);
  return answer;
}

/** Lists every signal of a measurement with its threshold's verdict, and then the features that drifted most. */
export function driftTable({ from }: Measured): string {
  const rows = REFERENCE_NAMES.flatMap((reference) => {
    const { signals, above, worst } = from[reference] ?? { signals: undefined, above: [], worst: [] };
    if (signals === undefined) return [];
    return [
      ...SIGNAL_NAMES.map((signal) => [
        FROM[reference],
        SIGNALS[signal].is,
        signals[signal]?.toFixed(3) ?? "not measured",
        above.includes(signal) ? "ALARM" : "",
      ]),
      ...worst.map(({ name, psi }) => [FROM[reference], `PSI of ${name}`, psi.toFixed(3), bandOf(psi)]),
    ];
  });
  return table(["from", "what", "value", ""], rows);
}

const FROM: Readonly<Record<ReferenceName, string>> = { training: "training data", traffic: "first traffic" };

/** Says what a PSI means. */
const bandOf = (psi: number): string =>
  psi > PSI.major ? "another population" : psi > PSI.notable ? "look into it" : "as it was";
