import {
  DeleteObjectsCommand,
  GetObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from "@aws-sdk/client-s3";

export interface StoredObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** RFC 3339. */
  readonly modifiedAt: string;
  /** Changes with the object's content. */
  readonly etag: string;
}

/** Reading and writing one bucket. Errors are those of the AWS client. */
export interface ObjectStore {
  readonly list: (prefix: string) => AsyncIterable<StoredObject>;
  /** Lists the immediate sub-folders of a prefix (S3 CommonPrefixes), without prefix and slash. */
  readonly folders: (prefix: string) => Promise<string[]>;
  /** The object's bytes as they arrive; an error in mid-stream is thrown to the reader. */
  readonly open: (key: string) => Promise<AsyncIterable<Buffer>>;
  readonly text: (key: string) => Promise<string>;
  /** All of the object, or its bytes from `start` to before `end`. */
  readonly bytes: (key: string, start?: number, end?: number) => Promise<Buffer>;
  readonly put: (key: string, body: Buffer | string) => Promise<void>;
  /** Removes everything under a prefix. Throws when something stays. */
  readonly removeAll: (prefix: string) => Promise<void>;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  csv: "text/csv",
  json: "application/json",
  jsonl: "application/jsonl",
};

/** Opens a bucket by its name. */
export type Buckets = (bucket: string) => ObjectStore;

export const bucketsOf =
  (client: S3Client): Buckets =>
  (bucket) =>
    objectStore(client, bucket);

/** Tells whether an error is that there is no object with that key. */
export const isNoSuchKey = (error: unknown): boolean => error instanceof Error && error.name === "NoSuchKey";

/**
 * Writes objects, each unless there is one with its key, and tells whether it did. The SDK sends a CRC-32 with it, without
 * which S3 takes nothing for a bucket that locks its objects.
 */
export const putOnce =
  (client: S3Client, bucket: string) =>
  async (key: string, body: string): Promise<boolean> => {
    try {
      await client.send(
        new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, IfNoneMatch: "*", ...typeOf(key) }),
      );
      return true;
    } catch (error) {
      if (error instanceof Error && error.name === "PreconditionFailed") return false;
      throw error;
    }
  };

/** Says what an object holds, by the end of its key. */
function typeOf(key: string): { readonly ContentType?: string } {
  const ContentType = CONTENT_TYPES[key.slice(key.lastIndexOf(".") + 1)];
  return ContentType === undefined ? {} : { ContentType };
}

export function objectStore(client: S3Client, bucket: string): ObjectStore {
  const get = async (key: string, Range?: string) => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, ...(Range && { Range }) }));
    if (Body === undefined) throw new Error(`s3://${bucket}/${key} has no body`);
    return Body;
  };
  const pages = (prefix: string, Delimiter?: string) =>
    paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix, ...(Delimiter && { Delimiter }) });
  return {
    list: async function* (prefix) {
      for await (const page of pages(prefix)) {
        for (const { Key = "", Size = 0, LastModified, ETag = "" } of page.Contents ?? []) {
          yield { key: Key, size: Size, modifiedAt: (LastModified ?? new Date(0)).toISOString(), etag: ETag };
        }
      }
    },
    folders: async (prefix) => {
      const folders: string[] = [];
      for await (const { CommonPrefixes = [] } of pages(prefix, "/")) {
        folders.push(...CommonPrefixes.map(({ Prefix = "" }) => Prefix.slice(prefix.length, -1)));
      }
      return folders;
    },
    open: async (key) => (await get(key)) as AsyncIterable<Buffer>,
    text: async (key) => (await get(key)).transformToString(),
    bytes: async (key, start, end) => {
      const range = end === undefined ? undefined : `bytes=${start}-${end - 1}`;
      return Buffer.from(await (await get(key, range)).transformToByteArray());
    },
    removeAll: async (prefix) => {
      for await (const { Contents = [] } of pages(prefix)) {
        const Objects = Contents.map(({ Key }) => ({ Key }));
        if (Objects.length === 0) continue;
        const command = new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } });
        const { Errors = [] } = await client.send(command);
        if (Errors.length > 0) throw new Error(`${Errors[0]?.Key} cannot be removed: ${Errors[0]?.Code}`);
      }
    },
    put: async (key, body) => {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ...typeOf(key) }));
    },
  };
}
