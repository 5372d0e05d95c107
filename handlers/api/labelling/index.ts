import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SFNClient } from "@aws-sdk/client-sfn";
import { readEnvironment } from "../../../contracts/environment";
import { clientOptions } from "../../lib/aws/clients";
import { executionResumer } from "../../lib/aws/execution";
import type { ProxyResult } from "../../lib/http/api-gateway";
import { jsonResponse, problemResponse, Refusal } from "../../lib/http/problem";
import { createLabelStore } from "../../lib/labelling/store";
import { toFailure } from "../../lib/util/failure";
import { createTelemetry, errorName } from "../../lib/util/telemetry";
import { type Ports, respond } from "./logic";
import type { LabellingEvent } from "./request";

const environment = readEnvironment("labelling", process.env);
const telemetry = createTelemetry("labelling", environment);
const options = clientOptions({ timeoutMs: 2_000, maxAttempts: 3 });
const store = createLabelStore(new DynamoDBClient(options), environment.LABEL_TABLE);
const resume = executionResumer(new SFNClient(options));

/** What labellers do: see their operator's tasks, answer them, and see how far runs are. */
export async function handler(event: LabellingEvent): Promise<ProxyResult> {
  const { requestId } = event.requestContext;
  try {
    return jsonResponse(200, await respond(portsOf(requestId), event), requestId);
  } catch (error) {
    const refusal = refusalOf(error);
    if (!(error instanceof Refusal)) telemetry.error("failed", { requestId, error: errorName(error) });
    telemetry.info("refused", { requestId, problem: refusal.problem });
    return problemResponse(refusal, requestId);
  }
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  return toFailure(error).retryable
    ? new Refusal("busy", "send the request again")
    : new Refusal("internal", "the request could not be answered");
}

const portsOf = (requestId: string): Ports => ({
  store,
  now: () => new Date(),
  // The vote is stored all the same, and the next one, or whoever looks at the progress, tries again.
  resume: ({ model, runId }, token) =>
    resume(token).then(
      () => telemetry.info("nothing is open: the execution goes on", { requestId, model, runId }),
      (error: unknown) =>
        telemetry.error("the execution was not told to go on", { requestId, model, runId, error: errorName(error) }),
    ),
  onVote: (task, { model, runId, status, counted }) => {
    telemetry.info("answered", { requestId, task, model, runId, status, counted });
    if (!counted) return;
    telemetry.measure("model", model, {
      LabelsAnswered: 1,
      ...(status === "agreed" && { LabelsAgreed: 1 }),
      ...(status === "disputed" && { LabelsDisputed: 1 }),
    });
  },
  onHidden: (tasks) => telemetry.warn("tasks of other features are not shown", { requestId, tasks }),
});
