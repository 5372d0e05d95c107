import type { ProxyResult, RoutedEvent } from "../../lib/http/api-gateway";
import { answered } from "../../lib/http/routes";
import type { Telemetry } from "../../lib/util/telemetry";
import { type Ports, respond } from "./logic";

export interface ReviewsDeps extends Ports {
  readonly telemetry: Telemetry;
}

/** Answers reviewers: they see their operator's open reviews, the players whom these are about, and decide. */
export const createHandler =
  ({ telemetry, ...ports }: ReviewsDeps) =>
  (event: RoutedEvent): Promise<ProxyResult> =>
    answered(telemetry, event, () => respond(ports, event));
