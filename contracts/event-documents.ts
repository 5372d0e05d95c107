import { z } from "zod";
import { EVENT_SOURCE } from "./bus";
import { EVENT_SCHEMAS, type EventName } from "./events";

/** Says what each event tells. */
const TOLD = {
  PlayerAssessed: "A record was predicted: all predictions of it together.",
  InterventionDecided: "An intervention holds for a player for whom none did before.",
  InterventionChanged: "What must be enforced of a player is something else than before, or nothing any more.",
  MarketingSuppressed: "Marketing predictions of a player that an operator was given may be used no more.",
  DeliveryFailed: "An event could not be delivered to the operator, and lies in the delivery's dead-letter queue.",
} as const satisfies Readonly<Record<EventName, string>>;

/**
 * Writes the JSON Schema of a whole event, as it comes from the bus, in draft-04, which EventBridge's schema registry
 * takes.
 */
function documentOf(name: EventName) {
  const { $schema, ...detail } = z.toJSONSchema(EVENT_SCHEMAS[name], { target: "draft-4", io: "input" });
  return {
    $schema,
    title: name,
    description: TOLD[name],
    "x-amazon-events-source": EVENT_SOURCE,
    "x-amazon-events-detail-type": name,
    type: "object",
    required: ["source", "detail-type", "detail"],
    properties: {
      source: { type: "string", enum: [EVENT_SOURCE] },
      "detail-type": { type: "string", enum: [name] },
      detail,
    },
  };
}

/** JSON Schemas of the events, by detail type. */
export const EVENT_DOCUMENTS = Object.fromEntries(
  (Object.keys(EVENT_SCHEMAS) as EventName[]).map((name) => [name, documentOf(name)]),
) as Readonly<Record<EventName, ReturnType<typeof documentOf>>>;
