import { readEnvironment } from "../../../contracts/environment";
import { createTelemetry } from "../../lib/util/telemetry";
import { createHandler } from "./handler";

const environment = readEnvironment("check-request", process.env);

export const handler = createHandler({ telemetry: createTelemetry("check-request", environment) });
