import { datasetNamed } from "../../../catalogue/datasets";
import { modelNamed } from "../../../catalogue/models";
import { scalingOf } from "../../../catalogue/training/scaling";
import type { Settings } from "../../../contracts/environment";
import { parseInput } from "../../../contracts/inputs";
import { type EndpointPorts, scoresOf } from "../../lib/aws/endpoint";
import { entryOf } from "../../lib/util/environment";
import type { Telemetry } from "../../lib/util/telemetry";
import { assertPlausible, probeRows } from "./logic";

export interface ProbeEndpointDeps {
  readonly environment: Settings<"probe-endpoint">;
  readonly telemetry: Telemetry;
  readonly endpoints: EndpointPorts;
}

/** Sends synthetic traffic to a model's endpoint. Throws when it does not answer every row with a plausible score. */
export const createHandler =
  ({ environment, telemetry, endpoints }: ProbeEndpointDeps) =>
  async (input: unknown): Promise<{ readonly scores: number }> => {
    const model = modelNamed(parseInput("probe-endpoint", input).model);
    const endpoint = entryOf(environment, "ENDPOINTS", model.name);
    const dataset = datasetNamed(model.dataset);
    const rows = probeRows(dataset);
    const budgetMs = environment.ENDPOINT_TIMEOUT_MS;
    const columns = dataset.features.length;
    const scores = await scoresOf(endpoints, { endpoint, rows, columns, scaling: scalingOf(model), budgetMs });
    assertPlausible(model, scores);
    telemetry.info("probed", { model: model.name, endpoint, rows: rows.length });
    return { scores: scores.length };
  };
