import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { ModelRun } from "../../contracts/run-result";
import { local } from "./paths";

/** Fetches the evaluation pages of a run, so that a browser can open them. Returns their paths, by model. */
export async function fetchReports(s3: S3Client, runs: readonly ModelRun[]): Promise<Readonly<Record<string, string>>> {
  const folder = local("evaluations");
  mkdirSync(folder, { recursive: true });
  const fetched = runs.map(async ({ model, modelVersion, report }): Promise<[string, string][]> => {
    const [, Bucket, Key] = report?.match(/^s3:\/\/([^/]+)\/(.+)$/) ?? [];
    if (!Bucket || !Key) return [];
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const file = join(folder, `${model}-${modelVersion}.html`);
    writeFileSync(file, (await Body?.transformToString()) ?? "");
    return [[model, file]];
  });
  return Object.fromEntries((await Promise.all(fetched)).flat());
}
