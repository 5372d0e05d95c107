import { parseInput } from "../../../contracts/inputs";
import { type CheckedRequest, checkRequest } from "../../../contracts/retrain-request";
import type { Telemetry } from "../../lib/util/telemetry";

/** Checks what a run is asked for; a mistake in it ends that run alone. */
export const createHandler =
  ({ telemetry }: { readonly telemetry: Telemetry }) =>
  async (input: unknown): Promise<CheckedRequest> => {
    const { request, policies } = parseInput("check-request", input);
    const checked = checkRequest(request, policies);
    if ("problem" in checked) telemetry.warn("refused", { problem: checked.problem });
    return checked;
  };
