import { PutObjectCommand, paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";
import { GetParameterCommand, type SSMClient } from "@aws-sdk/client-ssm";
import type { StoredObject } from "./logic";

export async function listObjects(client: S3Client, bucket: string, prefix: string): Promise<StoredObject[]> {
  const objects: StoredObject[] = [];
  for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
    for (const { Key = "", Size = 0, LastModified } of page.Contents ?? []) {
      objects.push({ key: Key, size: Size, modifiedAt: (LastModified ?? new Date(0)).toISOString() });
    }
  }
  return objects;
}

export async function writeJson(client: S3Client, bucket: string, key: string, value: unknown): Promise<void> {
  const body = JSON.stringify(value);
  await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: "application/json" }));
}

export async function readParameter(client: SSMClient, name: string): Promise<string> {
  const { Parameter } = await client.send(new GetParameterCommand({ Name: name }));
  return Parameter?.Value ?? "";
}
