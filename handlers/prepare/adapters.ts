import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { Upload } from "./parts";

/** The object's bytes as they arrive; an error in mid-stream is thrown to the reader. */
export async function readObject(client: S3Client, bucket: string, key: string): Promise<AsyncIterable<Buffer>> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  if (Body === undefined) throw new Error(`s3://${bucket}/${key} has no body`);
  return Body as AsyncIterable<Buffer>;
}

export function partUploader(client: S3Client, bucket: string): Upload {
  return async (key, body) => {
    const ContentType = key.endsWith(".csv") ? "text/csv" : "application/jsonl";
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType }));
  };
}
