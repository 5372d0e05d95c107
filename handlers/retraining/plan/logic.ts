import { createHash } from "node:crypto";
import type { Model } from "../../../catalogue/models";
import { type Compute, computes, maximumCostInUsd } from "../../../catalogue/training/compute";
import { RECORDS } from "../../../contracts/data-layout";
import type { Input } from "../../../contracts/inputs";
import { type LastRun, parseLastRun } from "../../../contracts/last-run";
import { runKey } from "../../../contracts/run-layout";
import { parseServingRecord, type ServingRecord } from "../../../contracts/serving-record";
import type { StoredObject } from "../../lib/aws/objects";
import type { AgreedLabel } from "../../lib/labelling/store";
import { type Selection, unpackedBytes } from "../../lib/records/groups";
import { runId } from "../../lib/util/run-id";

type PlanInput = Input<"plan">;

/** The model that the candidate is compared with, as the serving record names it. */
export type Champion = Pick<ServingRecord, "modelVersion" | "featureHash" | "artefact">;

/** The model's earlier runs, as its parameters in SSM tell. */
export interface History {
  readonly champion: Champion;
  /** The last run that ended with a verdict, and its start, RFC 3339; absent before the first. */
  readonly lastRun?: Pick<LastRun, "runId" | "startedAt">;
}

export interface Plan {
  readonly model: string;
  readonly runId: string;
  readonly decision: "train" | "skip";
  readonly reason: string;
  readonly dataset: string;
  readonly featureHash: string;
  readonly manifestKey: string;
  readonly objects: number;
  /** Objects that the last run with a verdict has not trained on as they are now. */
  readonly newObjects: number;
  /** Labels that people agreed on, and how many of them since the last run with a verdict. */
  readonly labels: number;
  readonly newLabels: number;
  /** When the last run with a verdict began, in seconds since 1970; 0 before the first. */
  readonly newSince: number;
  readonly bytes: number;
  /** The data to train on: `s3://…/data.json` with key, size and entity tag of every object, and the SHA-256 of it. */
  readonly data: { readonly uri: string; readonly sha256: string };
  readonly compute: Compute;
  /** The compute to use when SageMaker has no capacity of `compute`, or the account no quota; in this order. */
  readonly fallbacks: readonly Compute[];
  /** The most that training can cost: the compute for its whole time limit, in US dollars. */
  readonly maximumCostInUsd: number;
  readonly champion: Champion;
}

/** Writes `data.json`: what is known of the objects that a run trains on. */
export const dataOf = (objects: readonly StoredObject[]): string =>
  JSON.stringify(objects.map(({ key, size, etag, modifiedAt }) => ({ key, size, etag, modifiedAt })));

/** Counts by which the objects differ from those that the last run has trained on. */
export interface Changes {
  readonly newObjects: number;
  readonly goneObjects: number;
}

/**
 * Compares the objects with the last run's `data.json`, by key and entity tag. When an object was written says nothing:
 * for a multipart upload S3 says when it was begun, and until it is completed no run sees it.
 */
export async function changesSince(
  objects: readonly StoredObject[],
  lastData: AsyncIterable<Pick<StoredObject, "key" | "size" | "etag">>,
): Promise<Changes> {
  const unseen = new Map(objects.map((object) => [object.key, object]));
  let goneObjects = 0;
  for await (const { key, size, etag } of lastData) {
    const found = unseen.get(key);
    if (found === undefined) goneObjects += 1;
    else if (found.etag === etag && found.size === size) unseen.delete(key);
  }
  return { newObjects: unseen.size, goneObjects };
}

/** Plans a run. Throws when the run could cost more than it may. */
export function plan(
  input: PlanInput,
  model: Model,
  featureHash: string,
  { objects, ignored, newObjects, goneObjects }: Selection & Changes,
  labels: readonly AgreedLabel[],
  { champion, lastRun }: History,
  /** The model's bucket, and the region at whose prices the cap counts. */
  { bucket, region }: { readonly bucket: string; readonly region: string },
): Plan {
  const bytes = objects.reduce((sum, { size }) => sum + size, 0);
  const unpacked = unpackedBytes(objects);
  const since = lastRun === undefined ? Number.NEGATIVE_INFINITY : Date.parse(lastRun.startedAt);
  const newLabels = labels.filter(({ agreedAt }) => Date.parse(agreedAt) > since).length;
  const id = runId({ ...input, of: model.name });
  const [compute, ...fallbacks] = computes(unpacked);
  const { limits } = input;
  const cost = Math.round(maximumCostInUsd(unpacked, region) * limits.trainingJobs * 100) / 100;
  if (cost > limits.maximumCostInUsd) {
    throw new RangeError(
      `training on ${unpacked} bytes may cost up to ${cost} dollars, more than the cap of ${limits.maximumCostInUsd}; ` +
        "raise retraining.maximumCostInUsd or train on fewer records",
    );
  }
  const decision = objects.length > 0 && (newObjects + newLabels > 0 || input.force === true) ? "train" : "skip";
  const plural = objects.length === 1 ? "" : "s";
  const found =
    objects.length > 0
      ? `${bytes} bytes in ${objects.length} object${plural}, ${lastRun ? `${newObjects} of them new since ${lastRun.startedAt}` : "all new"}` +
        (goneObjects > 0 ? `, and ${goneObjects} of the last run gone` : "") +
        (newLabels > 0 ? `, and ${newLabels} new labels of people` : "")
      : `no data under ${RECORDS}`;
  return {
    model: model.name,
    runId: id,
    decision,
    reason: ignored === "" ? found : `${found}; only *.jsonl and *.jsonl.gz are read, ignored are ${ignored}`,
    dataset: model.dataset,
    featureHash,
    manifestKey: runKey(id, "manifest.json"),
    objects: objects.length,
    newObjects,
    labels: labels.length,
    newLabels,
    newSince: Math.max(0, Math.floor(since / 1000)),
    bytes,
    data: {
      uri: `s3://${bucket}/${runKey(id, "data.json")}`,
      sha256: createHash("sha256").update(dataOf(objects)).digest("hex"),
    },
    compute,
    fallbacks,
    maximumCostInUsd: cost,
    champion,
  };
}

/** Reads the model's serving record and last run; throws what is wrong with them. */
export function parseHistory(serving: string, lastRun: string): History {
  const { modelVersion, featureHash, artefact } = parseServingRecord(
    serving,
    "modelVersion",
    "featureHash",
    "artefact",
  );
  const last = parseLastRun(lastRun);
  return { champion: { modelVersion, featureHash, artefact }, ...(last && { lastRun: last }) };
}
