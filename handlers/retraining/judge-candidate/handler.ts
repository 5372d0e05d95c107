import { judge } from "../../../catalogue/training/gate";
import type { Settings } from "../../../contracts/environment";
import { parseInput } from "../../../contracts/inputs";
import { parseJson } from "../../../contracts/parse";
import { evaluation } from "../../../contracts/run-files";
import { RUN_FILES, runKey } from "../../../contracts/run-layout";
import type { Buckets } from "../../lib/aws/objects";
import { entryOf } from "../../lib/util/environment";
import type { Telemetry } from "../../lib/util/telemetry";
import { type GateResult, result } from "./logic";

export interface JudgeCandidateDeps {
  readonly environment: Settings<"judge-candidate">;
  readonly telemetry: Telemetry;
  readonly buckets: Buckets;
}

/** Judges a run's evaluation by the model's rules. */
export const createHandler =
  ({ environment, telemetry, buckets }: JudgeCandidateDeps) =>
  async (input: unknown): Promise<GateResult> => {
    const { model, runId, rules, undecided } = parseInput("judge-candidate", input);
    const bucket = entryOf(environment, "MODEL_BUCKETS", model);
    const text = await buckets(bucket).text(runKey(runId, RUN_FILES.evaluation));
    const found = parseJson(evaluation, text, "evaluation.json");
    const judged = result(bucket, runId, judge(rules, found, undecided), found);
    telemetry.info("judged", { model, runId, verdict: judged.verdict, reason: judged.reason });
    return judged;
  };
