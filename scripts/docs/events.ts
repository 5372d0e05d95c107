import { z } from "zod";
import { EVENT_DOCUMENTS } from "../../contracts/event-documents";
import { EVENT_SCHEMAS, type EventName } from "../../contracts/events";
import { isGroup, type Schema, takes } from "./configuration";
import { code, table } from "./markdown";

const NAMES = Object.keys(EVENT_SCHEMAS) as EventName[];

/** The JSON Schema of each event, by the file's path. */
export const eventSchemas: Readonly<Record<string, () => string>> = Object.fromEntries(
  NAMES.map((name) => [`docs/events/${name}.json`, () => `${JSON.stringify(EVENT_DOCUMENTS[name], null, 2)}\n`]),
);

/** Tells each event with the fields of its detail. */
export const eventTables = (): string =>
  NAMES.flatMap((name) => [
    `### ${name}`,
    `${EVENT_DOCUMENTS[name].description} [JSON Schema](events/${name}.json)`,
    table(
      ["field of `detail`", "is", "meaning"],
      fieldsOf("", z.toJSONSchema(EVENT_SCHEMAS[name], { io: "input" }) as Schema),
    ),
  ]).join("\n\n");

function fieldsOf(path: string, { properties = {}, required = [] }: Schema): readonly (readonly string[])[] {
  return Object.entries(properties).flatMap(([name, field]) => {
    const key = `${path}${name}`;
    const is = required.includes(name) ? takes(field) : `${takes(field)}; may be absent`;
    const own = [code(key), is, field.description ?? ""];
    if (isGroup(field)) return [own, ...fieldsOf(`${key}.`, field)];
    if (field.items && isGroup(field.items)) return [own, ...fieldsOf(`${key}[].`, field.items)];
    return [own];
  });
}
