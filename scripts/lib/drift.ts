import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { PSI } from "../../catalogue/drift/drift";
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

/** Says what a PSI means. */
const bandOf = (psi: number): string =>
  psi > PSI.major ? "another population" : psi > PSI.notable ? "look into it" : "as it was";

/** Lists the score and the features of a measurement, those that drifted most first. */
export function driftTable({ scoreDrift, worst }: Measured): string {
  const rows = [{ name: "(score)", psi: scoreDrift }, ...worst];
  return table(
    ["feature", "PSI", ""],
    rows.map(({ name, psi }) => [name, psi.toFixed(3), bandOf(psi)]),
  );
}
