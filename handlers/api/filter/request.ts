import { header, type ProxyEvent } from "../../lib/http/api-gateway";
import { Refusal } from "../../lib/http/problem";
import { type BrokenJson, brokenJson, noJson } from "../../lib/records/broken-json";

export interface Limits {
  readonly maxRecords: number;
  readonly maxBodyBytes: number;
}

/** `application/json`, with no parameter but the only charset that JSON has; clients write it in more ways than one. */
const JSON_TYPE = /^application\/json\s*(;\s*(charset\s*=\s*"?utf-?8"?\s*;?\s*)?)?$/i;

/** The batch's records as the client sent them; throws a `Refusal` for a body that is no batch. */
export function parseBatch(event: ProxyEvent, { maxRecords, maxBodyBytes }: Limits): readonly unknown[] {
  if (!JSON_TYPE.test(header(event, "content-type")?.trim() ?? "")) {
    throw new Refusal("unsupported-media-type", "send the batch as application/json in UTF-8");
  }
  const encoding = header(event, "content-encoding")?.trim().toLowerCase() ?? "identity";
  if (encoding !== "identity" && encoding !== "") {
    throw new Refusal("unsupported-media-type", "send the batch without content-encoding; it must not be compressed");
  }
  const body = event.isBase64Encoded ? Buffer.from(event.body ?? "", "base64").toString() : (event.body ?? "");
  const bytes = Buffer.byteLength(body);
  if (bytes > maxBodyBytes) {
    throw new Refusal("too-large", `the body has ${bytes} bytes; send at most ${maxBodyBytes}`);
  }
  const records = recordsOf(parseJson(body));
  if (records.length > maxRecords) {
    const detail = `the batch has ${records.length} records; send at most ${maxRecords}`;
    throw new Refusal("too-large", detail, [{ pointer: "/records", message: `has more than ${maxRecords} records` }]);
  }
  return records;
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // The parser's own message quotes the body, and does not say where.
    const { pointer, line, column, foreign } = brokenJson(body) as BrokenJson;
    const reason = foreign === undefined ? "here it stops being JSON" : noJson(foreign);
    const message = `line ${line}, column ${column}: ${reason}`;
    throw new Refusal("not-a-batch", "the body is not JSON", [{ pointer, message }]);
  }
}

function recordsOf(batch: unknown): readonly unknown[] {
  const refuse = (pointer: string, message: string) =>
    new Refusal("not-a-batch", 'send {"records": [...]} with at least one record', [{ pointer, message }]);
  if (typeof batch !== "object" || batch === null || Array.isArray(batch)) throw refuse("", "must be an object");
  if (!("records" in batch)) throw refuse("/records", "is missing");
  if (!Array.isArray(batch.records)) throw refuse("/records", "must be an array");
  if (batch.records.length === 0) throw refuse("/records", "must not be empty");
  return batch.records;
}
