import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { datasetNamed } from "../../../catalogue/datasets";
import { modelNamed } from "../../../catalogue/models";
import type { System } from "../../../scripts/lib/system";

/** Works with only these objects of training records, and then puts back what was there. */
export async function withRecords(
  { s3 }: System,
  Bucket: string,
  records: Readonly<Record<string, string>>,
  work: () => Promise<void>,
): Promise<void> {
  const keysOf = async () => {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "records/" }));
    return Contents.map(({ Key = "" }) => Key);
  };
  const kept = await Promise.all(
    (await keysOf()).map(async (Key) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      return [Key, (await Body?.transformToString()) ?? ""] as const;
    }),
  );
  const put = ([Key, Body]: readonly [string, string]) =>
    s3.send(new PutObjectCommand({ Bucket, Key, Body: Buffer.from(Body) }));
  const removeAll = async () => {
    for (const Key of await keysOf()) await s3.send(new DeleteObjectCommand({ Bucket, Key }));
  };
  await removeAll();
  await Promise.all(Object.entries(records).map(put));
  try {
    await work();
  } finally {
    await removeAll();
    await Promise.all(kept.map(put));
  }
}

/** Generates players of whom a model can judge: records that lack what it needs are no rows of its training. */
export function judgeable(model: string, seed: number, players: number) {
  const { dataset: name, needs } = modelNamed(model);
  const dataset = datasetNamed(name);
  const some = [...dataset.generate({ seed, players: 2 * players, now: "2026-11-01T00:00:00Z" })];
  return some.filter(({ record }) => dataset.lacking(record, needs).length === 0).slice(0, players);
}
