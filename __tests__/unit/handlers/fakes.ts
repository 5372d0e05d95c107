import type { Buckets, ObjectStore } from "../../../handlers/lib/aws/objects";
import type { Telemetry } from "../../../handlers/lib/util/telemetry";

/** Telemetry that keeps what it is told during a test. */
export function fakeTelemetry() {
  let lines: Readonly<Record<string, unknown>>[] = [];
  let measured: Readonly<Record<string, unknown>>[] = [];
  beforeEach(() => {
    lines = [];
    measured = [];
  });
  const log = (level: string) => (message: string, fields: object) => {
    lines.push({ level, message, ...fields });
  };
  const telemetry: Telemetry = {
    info: log("INFO"),
    warn: log("WARN"),
    error: log("ERROR"),
    measure: (by, name, values) => {
      measured.push({ [by]: name, ...values });
    },
  };
  return {
    telemetry,
    /** All that was logged and measured, a JSON line each. */
    text: () => [...lines, ...measured].map((line) => JSON.stringify(line)).join("\n"),
    metrics: () => measured,
  };
}

interface Stored {
  readonly body: Buffer;
  readonly size: number;
  readonly etag: string;
  readonly modifiedAt: string;
}

/** An error as S3 has it. */
export const named = (name: string, message = name): Error => Object.assign(new Error(message), { name });

/** Buckets in memory. Objects are named `<bucket>/<key>`. */
export class FakeBuckets {
  private readonly objects = new Map<string, Stored>();
  private readonly failures: { readonly pattern: RegExp; readonly error: Error }[] = [];
  /** What was done that changes something, in its order: `put <bucket>/<key>`, `remove <bucket>/<key>`. */
  readonly changes: string[] = [];
  /** What was put, in its order. */
  readonly puts: [bucket: string, key: string, text: string][] = [];
  /** What was read. */
  readonly reads: string[] = [];
  /** Prefixes that were listed. */
  readonly listed: string[] = [];
  /** Called while an object is read. */
  whileReading: () => Promise<void> = async () => {};

  reset(): void {
    this.objects.clear();
    for (const list of [this.failures, this.changes, this.puts, this.reads, this.listed]) list.length = 0;
    this.whileReading = async () => {};
  }

  /** Stores an object that was there before. */
  store(path: string, body: Buffer | string, about: Partial<Omit<Stored, "body">> = {}): void {
    const bytes = Buffer.from(body);
    const usual = { size: bytes.length, etag: `"${path}"`, modifiedAt: "2026-11-01T00:00:00.000Z" };
    this.objects.set(path, { body: bytes, ...usual, ...about });
  }

  /** Lets what is done with paths like this fail: `list`, `read`, `put` or `remove`, and the path. */
  fail(pattern: RegExp, error: Error): void {
    this.failures.push({ pattern, error });
  }

  readonly open: Buckets = (bucket): ObjectStore => {
    const read = async (key: string): Promise<Buffer> => {
      const path = `${bucket}/${key}`;
      this.reads.push(path);
      await this.whileReading();
      this.check(`read ${path}`);
      const found = this.objects.get(path);
      if (found === undefined) throw named("NoSuchKey", "The specified key does not exist.");
      return found.body;
    };
    const under = (prefix: string) => [...this.objects].filter(([path]) => path.startsWith(`${bucket}/${prefix}`));
    const keyOf = (path: string) => path.slice(bucket.length + 1);
    const self = this;
    return {
      list: async function* (prefix) {
        self.listed.push(prefix);
        self.check(`list ${bucket}/${prefix}`);
        for (const [path, { body: _, ...about }] of under(prefix)) yield { key: keyOf(path), ...about };
      },
      folders: async (prefix) => [
        ...new Set(under(prefix).map(([path]) => keyOf(path).slice(prefix.length).split("/")[0] ?? "")),
      ],
      open: async (key) => {
        const body = await read(key);
        const size = Math.max(50, Math.ceil(body.length / 10));
        return (async function* () {
          for (let start = 0; start < body.length; start += size) yield body.subarray(start, start + size);
        })();
      },
      text: async (key) => String(await read(key)),
      bytes: async (key, start, end) => (await read(key)).subarray(start, end),
      put: async (key, body) => {
        const path = `${bucket}/${key}`;
        this.check(`put ${path}`);
        // What is handed over may be a buffer that is used again.
        this.store(path, Buffer.from(body));
        this.puts.push([bucket, key, String(body)]);
        this.changes.push(`put ${path}`);
      },
      removeAll: async (prefix) => {
        for (const [path] of under(prefix)) {
          this.check(`remove ${path}`);
          this.objects.delete(path);
          this.changes.push(`remove ${path}`);
        }
      },
    };
  };

  private check(what: string): void {
    const failure = this.failures.findLast(({ pattern }) => pattern.test(what));
    if (failure) throw failure.error;
  }
}
