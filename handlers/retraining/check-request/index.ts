import { readEnvironment } from "../../../contracts/environment";
import { type CheckedRequest, checkRequest, type RequestPolicy } from "../../../contracts/retrain-request";
import { createTelemetry } from "../../lib/util/telemetry";

const environment = readEnvironment("check-request", process.env);
const telemetry = createTelemetry("check-request", environment);

export interface CheckRequestInput {
  /** One item of the execution's input: whatever somebody sent. */
  readonly request: unknown;
  /** By model: what the state machine was deployed with. */
  readonly policies: Readonly<Record<string, RequestPolicy>>;
}

/** Checks what a run is asked for; a mistake in it ends that run alone. */
export async function handler({ request, policies }: CheckRequestInput): Promise<CheckedRequest> {
  const checked = checkRequest(request, policies);
  if ("problem" in checked) telemetry.warn("refused", { problem: checked.problem });
  return checked;
}
