import { S3Client } from "@aws-sdk/client-s3";
import { type Evaluation, type GateRule, judge } from "../../../catalogue/training/gate";
import { readEnvironment } from "../../../contracts/environment";
import { RUN_FILES, runKey } from "../../../contracts/run-layout";
import { clientOptions } from "../../lib/aws/clients";
import { objectStore } from "../../lib/aws/objects";
import { entryOf } from "../../lib/util/environment";
import { createTelemetry } from "../../lib/util/telemetry";
import { type GateResult, parseEvaluation, result } from "./logic";

const environment = readEnvironment("judge-candidate", process.env);
const telemetry = createTelemetry("judge-candidate", environment);
const client = new S3Client(clientOptions({ timeoutMs: 10_000, maxAttempts: 5 }));

export interface GateInput {
  readonly model: string;
  readonly runId: string;
  readonly rules: readonly GateRule[];
}

/** Judges a run's evaluation by the model's rules. */
export async function handler({ model, runId, rules }: GateInput): Promise<GateResult> {
  const bucket = entryOf(environment, "MODEL_BUCKETS", model);
  const text = await objectStore(client, bucket).text(runKey(runId, RUN_FILES.evaluation));
  const evaluation: Evaluation = parseEvaluation(text);
  const judged = result(bucket, runId, judge(rules, evaluation), evaluation);
  telemetry.info("judged", { model, runId, verdict: judged.verdict, reason: judged.reason });
  return judged;
}
