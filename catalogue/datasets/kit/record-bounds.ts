/** The parts of a JSON Schema by which its arrays and texts are found. */
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly maxItems?: number;
  readonly maxLength?: number;
  readonly enum?: unknown;
  readonly const?: unknown;
  readonly type?: unknown;
}

/** Length of a text whose schema gives none, such as an instant; far more than any needs. */
const MAX_TEXT = 1_000;
/** Length of a list whose schema gives none; far more than any needs. */
const MAX_ITEMS = 1_000;

/**
 * Reduces a record's JSON Schema to the sizes of its arrays and texts. A validator that looks for every problem visits
 * each of two million items that are too many, and runs every pattern and format over a text of megabytes; one that
 * stops at the first of these sizes does neither, so records are held against them first.
 */
export function boundsOf({ properties, items, anyOf, maxItems, maxLength, ...schema }: Schema): object {
  const fields = Object.entries(properties ?? {}).map(([name, field]) => [name, boundsOf(field)] as const);
  return {
    ...(fields.length > 0 && { properties: Object.fromEntries(fields) }),
    ...(items && { maxItems: maxItems ?? MAX_ITEMS, items: boundsOf(items) }),
    ...(schema.type === "string" && schema.enum === undefined && { maxLength: maxLength ?? MAX_TEXT }),
    // Each binds only values of its own type, so what is right for one of a union is right for all of its bounds.
    ...(anyOf && { allOf: anyOf.map(boundsOf) }),
  };
}
