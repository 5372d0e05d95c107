interface Format {
  readonly what: string;
  /** The way to make it readable. */
  readonly remedy: string;
}

const PACKED = "unpack it, or pack it by gzip, which is read";
const TABLE = "write it as JSON, one record a line";

/**
 * How files begin that are no text, in Latin-1. Sources: RFC 8878 (zstd), the specifications of bzip2, xz, ZIP, Parquet
 * and Avro, google/snappy framing_format.txt; Unicode, 23.8 for byte order marks.
 */
const SIGNATURES: readonly (Format & { readonly start: string })[] = [
  { start: "\x28\xb5\x2f\xfd", what: "is compressed by zstd", remedy: PACKED },
  { start: "BZh", what: "is compressed by bzip2", remedy: PACKED },
  { start: "\xfd7zXZ\0", what: "is compressed by xz", remedy: PACKED },
  { start: "PK\x03\x04", what: "is a ZIP archive", remedy: PACKED },
  { start: "\xff\x06\0\0sNaPpY", what: "is compressed by Snappy", remedy: PACKED },
  { start: "PAR1", what: "is Parquet", remedy: TABLE },
  { start: "Obj\x01", what: "is Avro", remedy: TABLE },
  { start: "\xff\xfe", what: "is text in UTF-16", remedy: "write it in UTF-8" },
  { start: "\xfe\xff", what: "is text in UTF-16", remedy: "write it in UTF-8" },
];
const BINARY: Format = { what: "is binary", remedy: "write its records as JSON, one a line" };

/** Shapes of text in which lines are no records. */
const SHAPES: readonly (Format & { readonly looks: RegExp })[] = [
  { looks: /^\s*</, what: "is HTML or XML", remedy: "write its records as JSON, one a line" },
  {
    looks: /^\s*\[\s*\{\s*\n/,
    what: "is a JSON array with its records over several lines",
    remedy: "write one record a line: jq -c '.[]'",
  },
  {
    looks: /^\s*\{\s*\n/,
    what: "is JSON with its records over several lines",
    remedy: "write one record a line: jq -c .",
  },
  {
    looks: /^\s*\{\s*"(?!days")[^"\n]*"\s*:\s*\[\s*\{/,
    what: "is one JSON document around its records",
    remedy: "write the records alone, one a line: jq -c '.<field>[]'",
  },
  { looks: /^[\w ."-]+([,;\t])[\w ."-]*(\1|\r?\n)/, what: "looks like CSV", remedy: TABLE },
];

const said = ({ what, remedy }: Format): string => `${what}; ${remedy}`;

/** Names the format of content that no lines can be read of, by its first bytes. */
export function foreignFormat(head: Buffer): string | undefined {
  const start = head.toString("latin1");
  const found = SIGNATURES.find((signature) => start.startsWith(signature.start));
  if (found) return said(found);
  return head.includes(0) ? said(BINARY) : undefined;
}

/** Names what a text without a usable record looks like, if it looks like something. */
export function shapeOf(head: Buffer): string | undefined {
  const text = head.toString().replace(/^\ufeff/, "");
  const found = SHAPES.find(({ looks }) => looks.test(text));
  return found && said(found);
}
