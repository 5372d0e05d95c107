import {
  GetObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandInput,
  type ListObjectVersionsCommandOutput,
  type ObjectVersion,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { AuditEntry } from "../../catalogue/interventions/audit";
import { type AnchoredHead, anchoredHead, headsOf } from "../../contracts/audit-heads";
import { parseJson } from "../../contracts/parse";
import { concurrently } from "../../handlers/lib/util/concurrently";

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

/** Heads that are read at once. */
const AT_ONCE = 20;

/**
 * Reads all heads of an operator's log that were anchored, in the order of their time. Reads every version: a newer one, or
 * a delete marker, hides the one that is locked, and nothing more.
 */
export async function anchoredHeads(s3: S3Client, Bucket: string, operatorId: string): Promise<AnchoredHead[]> {
  const heads: AnchoredHead[] = [];
  for await (const versions of versionsUnder(s3, Bucket, headsOf(operatorId))) {
    heads.push(
      ...(await concurrently(versions, AT_ONCE, async ({ Key, VersionId }) => {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
        return parseJson(anchoredHead, (await Body?.transformToString()) ?? "", `s3://${Bucket}/${Key}`);
      })),
    );
  }
  return heads.toSorted((one, other) => (one.at < other.at ? -1 : 1));
}

/** Lists the versions of all objects under a prefix, page by page. */
async function* versionsUnder(s3: S3Client, Bucket: string, Prefix: string): AsyncGenerator<readonly ObjectVersion[]> {
  for (let next: Pick<ListObjectVersionsCommandInput, "KeyMarker" | "VersionIdMarker"> | undefined = {}; next; ) {
    const page: ListObjectVersionsCommandOutput = await s3.send(
      new ListObjectVersionsCommand({ Bucket, Prefix, ...next }),
    );
    yield page.Versions ?? [];
    next = page.IsTruncated ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker } : undefined;
  }
}
