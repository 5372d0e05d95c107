import type { ProxyResult, RoutedEvent } from "../../lib/http/api-gateway";
import { answered } from "../../lib/http/routes";
import type { Telemetry } from "../../lib/util/telemetry";
import { type Ports, respond } from "./logic";

export interface PlayersDeps extends Ports {
  readonly telemetry: Telemetry;
}

/** Answers clients about their operators' players: what must be enforced, why, and what was before. */
export const createHandler =
  ({ telemetry, ...ports }: PlayersDeps) =>
  (event: RoutedEvent): Promise<ProxyResult> =>
    answered(telemetry, event, () => respond(ports, event));
