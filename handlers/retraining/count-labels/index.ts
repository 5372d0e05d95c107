import { S3Client } from "@aws-sdk/client-s3";
import { chooseLabelling } from "../../../catalogue/labelling/modes";
import { modelNamed } from "../../../catalogue/models";
import { readEnvironment } from "../../../contracts/environment";
import { type Group, type GroupCounts, groupName, RUN_FILES, runKey } from "../../../contracts/run-layout";
import { clientOptions } from "../../lib/aws/clients";
import { type ObjectStore, objectStore } from "../../lib/aws/objects";
import { concurrently } from "../../lib/util/concurrently";
import { entryOf } from "../../lib/util/environment";
import { createTelemetry } from "../../lib/util/telemetry";
import { findDuplicates } from "./duplicates";
import { allRejections, labelCounts, type Tally, type TallyInput, tally, total } from "./logic";

const environment = readEnvironment("count-labels", process.env);
const telemetry = createTelemetry("count-labels", environment);
const client = new S3Client(clientOptions({ timeoutMs: 60_000, maxAttempts: 5 }));

/** Requests side by side: 10 TB of records are 20,000 groups. */
const READERS = 50;

/** Adds up what the groups of a run's preprocessing counted, and chooses how missing labels come about. */
export async function handler(input: TallyInput): Promise<Tally> {
  const { model: name, runId, again, labelling, requested, toleratedRejectedShare } = input;
  const model = modelNamed(name);
  const objects = objectStore(client, entryOf(environment, "MODEL_BUCKETS", name));

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
  await objects.put(runKey(runId, RUN_FILES.summary), JSON.stringify(summary));
  const { positives: _, ...rows } = result.rows;
  telemetry.info("tallied", {
    model: name,
    runId,
    groups: groups.length,
    ...rows,
    labelling: result.labelling.mode,
  });
  return { ...result, againKey: again || result.unusable !== "" ? "" : await prepareAgain(objects, runId, groups) };
}

/** Looks for records that came more than once, and plans which groups to prepare again without them: the key of the manifest. */
async function prepareAgain(
  { bytes, text, put }: ObjectStore,
  runId: string,
  groups: readonly GroupCounts[],
): Promise<string> {
  const files = groups.map(({ group, identities }) => ({ group, slices: identities }));
  const duplicates = await findDuplicates(files, (group, start, end) =>
    bytes(runKey(runId, `identities/${groupName(group)}.bin`), start, end),
  );
  if (duplicates.size === 0) return "";
  await concurrently([...duplicates], READERS, ([group, pairs]) =>
    put(runKey(runId, `duplicates/${groupName(group)}.bin`), pairs),
  );
  const manifest = JSON.parse(await text(runKey(runId, "manifest.json"))) as Group[];
  const key = runKey(runId, RUN_FILES.repeatedManifest);
  await put(key, JSON.stringify(manifest.filter(({ keys }) => duplicates.has(keys[0]))));
  return key;
}
