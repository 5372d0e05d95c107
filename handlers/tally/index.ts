import { S3Client } from "@aws-sdk/client-s3";
import { chooseLabelling } from "../../catalogue/labelling";
import { modelNamed } from "../../catalogue/models";
import { clientOptions } from "../shared/clients";
import { concurrently } from "../shared/concurrently";
import { bucketOf, common, mapOf, nonEmptyString, parseEnvironment } from "../shared/environment";
import { objectStore } from "../shared/objects";
import { type GroupCounts, runKey } from "../shared/run";
import { createTelemetry } from "../shared/telemetry";
import { allRejections, labelCounts, type Tally, type TallyInput, tally, total } from "./logic";

const environment = parseEnvironment({ ...common, MODEL_BUCKETS: mapOf(nonEmptyString) });
const telemetry = createTelemetry("tally", environment);
const client = new S3Client(clientOptions({ timeoutMs: 10_000, maxAttempts: 5 }));

/** Requests side by side: 10 TB of records are 20,000 groups. */
const READERS = 50;

/** Adds up what the groups of a run's preprocessing counted, and chooses how missing labels come about. */
export async function handler(input: TallyInput): Promise<Tally> {
  const { model: name, runId, labelling, requested, toleratedRejectedShare } = input;
  const model = modelNamed(name);
  const objects = objectStore(client, bucketOf("MODEL_BUCKETS", environment.MODEL_BUCKETS, name));

  const keys: string[] = [];
  for await (const { key } of objects.list(runKey(runId, "counts/"))) keys.push(key);
  const groups = await concurrently(keys, READERS, async (key) => JSON.parse(await objects.text(key)) as GroupCounts);

  const counts = total(groups);
  const facts = { ...labelCounts(counts), target: model.target, settings: labelling };
  const rejections = allRejections(groups);
  const chosen = chooseLabelling(facts, requested ?? undefined);
  const result = tally(counts, rejections, chosen, toleratedRejectedShare);
  // For the evaluation's report.
  const summary = { ...counts, ...rejections, inWords: result.records };
  await objects.put(runKey(runId, "records/summary.json"), JSON.stringify(summary));
  const { positives: _, ...rows } = result.rows;
  telemetry.info("tallied", {
    model: name,
    runId,
    groups: groups.length,
    ...rows,
    labelling: result.labelling.mode,
  });
  return result;
}
