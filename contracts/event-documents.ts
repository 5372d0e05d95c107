import { z } from "zod";
import { EVENT_SOURCE } from "./bus";
import { EVENT_SCHEMAS, type EventName } from "./events";

/** Writes the JSON Schema (draft-04, which EventBridge's registry takes) of a whole event, as it comes from the bus. */
function documentOf(name: EventName) {
  const { $schema, ...detail } = z.toJSONSchema(EVENT_SCHEMAS[name], { target: "draft-4", io: "input" });
  return {
    $schema,
    title: name,
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
