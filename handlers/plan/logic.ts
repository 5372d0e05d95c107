import { createHash } from "node:crypto";
import { type Compute, compute } from "../../catalogue/compute";
import type { Model } from "../../catalogue/models";

export interface PlanInput {
  readonly model: string;
  /** Name of the state machine's execution. */
  readonly execution: string;
  /** RFC 3339. */
  readonly startedAt: string;
}

export interface StoredObject {
  readonly key: string;
  readonly size: number;
}

export interface Plan {
  readonly model: string;
  readonly runId: string;
  readonly outcome: "train" | "skip";
  readonly reason: string;
  readonly dataset: string;
  readonly featureHash: string;
  readonly manifestKey: string;
  readonly objects: number;
  readonly bytes: number;
  readonly compute: Compute;
}

/** `<yyyymmdd>-<hhmmss>-<6 hex>`: sorts by time, and the same execution always plans the same run. */
export function runId({ execution, model, startedAt }: PlanInput): string {
  const started = new Date(startedAt);
  if (Number.isNaN(started.getTime())) throw new Error(`startedAt is not an instant: ${startedAt}`);
  const [date = "", time = ""] = started.toISOString().split("T");
  const digest = createHash("sha256").update(`${execution}\n${model}`).digest("hex").slice(0, 6);
  return `${date.replaceAll("-", "")}-${time.slice(0, 8).replaceAll(":", "")}-${digest}`;
}

/** The objects to train on, and how many others lie beside them. */
export function selectObjects(listed: Iterable<StoredObject>) {
  const objects: StoredObject[] = [];
  const ignored = { empty: 0, "not .jsonl": 0 };
  for (const { key, size } of listed) {
    // "Folders" that the S3 console makes are empty objects whose key ends in a slash.
    if (!key.endsWith(".jsonl")) ignored[key.endsWith("/") ? "empty" : "not .jsonl"] += 1;
    else if (size === 0) ignored.empty += 1;
    else objects.push({ key, size });
  }
  return { objects, ignored };
}

export function plan(
  input: PlanInput,
  model: Model,
  featureHash: string,
  { objects, ignored }: ReturnType<typeof selectObjects>,
  instanceTypes: ReadonlyMap<string, string>,
): Plan {
  const bytes = objects.reduce((sum, { size }) => sum + size, 0);
  const id = runId(input);
  const others = Object.entries(ignored)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${kind}`);
  const found =
    objects.length > 0
      ? `${bytes} bytes in ${objects.length} object${objects.length === 1 ? "" : "s"}`
      : "no data under records/";
  return {
    model: model.name,
    runId: id,
    outcome: objects.length > 0 ? "train" : "skip",
    reason: others.length > 0 ? `${found}; ignored ${others.join(", ")}` : found,
    dataset: model.dataset,
    featureHash,
    manifestKey: `runs/${id}/manifest.json`,
    objects: objects.length,
    bytes,
    compute: compute(bytes, instanceTypes),
  };
}
