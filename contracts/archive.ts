import { EVENT_DOCUMENTS } from "./event-documents";

/** The layout of operators' archives: an event a line, in a folder for each operator and day. */

/** Prefix with everything of an operator, which its readers may read, and nobody else's. */
export const archiveFolder = (operatorId: string): string => `operators/${operatorId}/`;

/** Prefix with an operator's events that Firehose could not write there. */
export const archiveErrors = (operatorId: string): string => `errors/${operatorId}/`;

/** Prefix of a day in UTC, on which events came to the archive, in the syntax of Firehose. */
export const archiveDays = (operatorId: string): string => `${archiveFolder(operatorId)}day=!{timestamp:yyyy-MM-dd}/`;

const placeholder = (column: string): string => `\${${column}}`;

/** Prefix of a day in the syntax of Athena's partition projection. */
export const PROJECTED_DAYS = `${archiveFolder(placeholder("operator"))}day=${placeholder("day")}/`;

/** The part of a JSON Schema that decides on a column's type. */
interface Schema {
  readonly type?: unknown;
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
}

const SCALARS: Readonly<Record<string, string>> = {
  string: "string",
  boolean: "boolean",
  integer: "bigint",
  number: "double",
};

/** Finds the scalar type of a schema. zod writes literals as numbers. */
const scalarOf = ({ type, enum: values }: Schema): string | undefined =>
  SCALARS[values?.every(Number.isInteger) ? "integer" : String(type)];

/**
 * Makes the type of a column of the schemas that its values may have: of objects, the fields of all of them. Names are
 * in lower case, as Hive has them. Throws when a column would have values of two types.
 */
export function columnType(name: string, schemas: readonly Schema[]): string {
  const [first, ...others] = new Set(schemas.map(({ type }) => type));
  if (first === undefined || others.length > 0) throw new TypeError(`${name} has values of several types, or of none`);
  if (first === "array")
    return `array<${columnType(
      `${name}[]`,
      schemas.map(({ items }) => items ?? {}),
    )}>`;
  if (first === "object") {
    const fields = new Set(schemas.flatMap(({ properties = {} }) => Object.keys(properties)));
    const typed = [...fields].map((field) => {
      const own = schemas.flatMap(({ properties }) => properties?.[field] ?? []);
      return `${field.toLowerCase()}:${columnType(`${name}.${field}`, own)}`;
    });
    return `struct<${typed.join(",")}>`;
  }
  const [scalar, ...more] = new Set(schemas.map(scalarOf));
  if (scalar === undefined || more.length > 0) throw new TypeError(`${name} has values that no one column can hold`);
  return scalar;
}

/** Columns of the table of archives; `from` names the field of a line where that is not the column's own name. */
export const ARCHIVE_COLUMNS: readonly { readonly name: string; readonly type: string; readonly from?: string }[] = [
  { name: "event", type: "string", from: "detail-type" },
  {
    name: "detail",
    type: columnType(
      "detail",
      Object.values(EVENT_DOCUMENTS).map(({ properties }) => properties.detail as Schema),
    ),
  },
];
