import { setTimeout as sleep } from "node:timers/promises";
import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { datasetNamed } from "../../../catalogue/datasets";
import { modelNamed } from "../../../catalogue/models";
import { readEnvironment } from "../../../contracts/environment";
import { clientOptions } from "../../lib/aws/clients";
import { endpointInvoker, scoresOf } from "../../lib/aws/endpoint";
import { entryOf } from "../../lib/util/environment";
import { createTelemetry } from "../../lib/util/telemetry";
import { assertPlausible, probeRows } from "./logic";

const environment = readEnvironment("probe-endpoint", process.env);
const budgetMs = environment.ENDPOINT_TIMEOUT_MS;
const telemetry = createTelemetry("probe-endpoint", environment);
const invoke = endpointInvoker(new SageMakerRuntimeClient(clientOptions({ timeoutMs: budgetMs, maxAttempts: 1 })));

/** Sends synthetic traffic to a model's endpoint; throws when it does not answer every row with a plausible score. */
export async function handler({ model: name }: { readonly model: string }): Promise<{ readonly scores: number }> {
  const model = modelNamed(name);
  const endpoint = entryOf(environment, "ENDPOINTS", name);
  const dataset = datasetNamed(model.dataset);
  const rows = probeRows(dataset);
  const ports = { invoke, now: Date.now, pause: (ms: number) => sleep(ms) };
  const scores = await scoresOf(ports, { endpoint, rows, columns: dataset.features.length, budgetMs });
  assertPlausible(model, scores);
  telemetry.info("probed", { model: name, endpoint, rows: rows.length });
  return { scores: scores.length };
}
