import type { AuditEntry } from "../../catalogue/interventions/audit";

/** Columns of the table for a regulator, each with what it tells of an entry and its event. */
const COLUMNS: Readonly<Record<string, (entry: AuditEntry, detail: Readonly<Record<string, unknown>>) => unknown>> = {
  sequence: ({ sequence }) => sequence,
  at: (_, { at }) => at,
  event: ({ name }) => name,
  playerId: (_, { playerId }) => playerId,
  cause: (_, { cause }) => cause,
  level: (_, { level }) => level,
  previousLevel: (_, { previousLevel }) => previousLevel,
  since: (_, { since }) => since,
  until: (_, { until }) => until,
  restrictions: (_, { restrictions }) => restrictions,
  reasons: (_, { reasons }) => reasons,
  assessments: (_, { assessments }) => assessments,
  recalls: (_, { recalls }) => recalls,
  policy: (_, { policy }) => policy,
  review: (_, { review }) => review,
  previous: ({ previous }) => previous,
  nonce: ({ nonce }) => nonce,
  hash: ({ hash }) => hash,
};

/** Writes a cell by RFC 4180. One that a spreadsheet would take for a formula begins with an apostrophe. */
function cell(value: unknown): string {
  const text = value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

const detailOf = ({ detail }: AuditEntry): Readonly<Record<string, unknown>> =>
  typeof detail === "object" && detail !== null ? { ...detail } : {};

interface Format {
  readonly head?: string;
  readonly line: (entry: AuditEntry) => string;
}

/** The forms in which an audit log is exported; `jsonl` has all that its hashes are made of. */
export const AUDIT_FORMATS = {
  csv: {
    head: Object.keys(COLUMNS).join(","),
    line: (entry) =>
      Object.values(COLUMNS)
        .map((column) => cell(column(entry, detailOf(entry))))
        .join(","),
  },
  jsonl: { line: (entry) => JSON.stringify(entry) },
} as const satisfies Readonly<Record<string, Format>>;

export type AuditFormat = keyof typeof AUDIT_FORMATS;

/** Writes a log line by line. */
export async function* exported(entries: AsyncIterable<AuditEntry>, format: AuditFormat): AsyncGenerator<string> {
  const { head, line }: Format = AUDIT_FORMATS[format];
  if (head !== undefined) yield head;
  for await (const entry of entries) yield line(entry);
}
