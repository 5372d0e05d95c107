import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SFNClient } from "@aws-sdk/client-sfn";
import { datasetNamed } from "../../../catalogue/datasets";
import { featureHash } from "../../../catalogue/datasets/kit/dataset";
import { SECONDS_PER_DAY } from "../../../catalogue/datasets/kit/time";
import type { LabellingSettings } from "../../../catalogue/labelling/modes";
import { modelNamed } from "../../../catalogue/models";
import { readEnvironment } from "../../../contracts/environment";
import { RUN_FILES, runKey } from "../../../contracts/run-layout";
import { clientOptions } from "../../lib/aws/clients";
import { executionResumer } from "../../lib/aws/execution";
import { objectStore } from "../../lib/aws/objects";
import { groundTruthFiles } from "../../lib/labelling/ground-truth";
import { createLabelStore } from "../../lib/labelling/store";
import { entryOf } from "../../lib/util/environment";
import { createTelemetry } from "../../lib/util/telemetry";
import { type AskFrom, chooseRows, newTask, parseAutomaticLabels, serialise } from "./logic";

const environment = readEnvironment("ask-labellers", process.env);
const telemetry = createTelemetry("ask-labellers", environment);
const options = clientOptions({ timeoutMs: 10_000, maxAttempts: 5 });
const client = new S3Client(options);
const labels = createLabelStore(new DynamoDBClient(options), environment.LABEL_TABLE);
const resume = executionResumer(new SFNClient(options));

export interface AskInput {
  readonly model: string;
  readonly runId: string;
  readonly from: AskFrom;
  /** Who is asked: the people of the label table, or, by files for its labelling job, SageMaker Ground Truth. */
  readonly to?: "ground-truth";
  readonly labelling: LabellingSettings;
  /** The run waits for the answers with this task token; without it, a later run uses them. */
  readonly token?: string;
}

export interface Asked {
  /** What the labelling model did with the other rows: the report of the program that labels. */
  readonly automatic?: unknown;
  readonly asked: number;
  /** Tasks that still want votes: some may have been voted on for an earlier run. */
  readonly open: number;
}

/** Gives people the rows of a run that nobody has labelled yet. Repeating it asks nobody twice. */
export async function handler({ model: name, runId, from, to, labelling, token }: AskInput): Promise<Asked> {
  const model = modelNamed(name);
  const objects = objectStore(client, entryOf(environment, "MODEL_BUCKETS", name));

  const opened = async function* () {
    for await (const { key } of objects.list(runKey(runId, `${from}/`))) yield await objects.open(key);
  };
  const rows = await chooseRows(opened(), from, labelling.maximumTasks);
  // Written first: whoever collects the labels must find every row that was asked about.
  await objects.put(runKey(runId, RUN_FILES.asked), serialise(rows));
  const dataset = datasetNamed(model.dataset);
  if (to === "ground-truth") {
    for (const [file, body] of groundTruthFiles(dataset, rows)) {
      await objects.put(runKey(runId, `${RUN_FILES.groundTruth}/${file}`), body);
    }
    return { asked: rows.length, open: rows.length };
  }
  const retentionDays = environment.LABEL_RETENTION_DAYS;
  const { votesToAgree, mostVotes, deadlineInSeconds } = labelling;
  const of = { model: name, dataset: dataset.name, featureHash: featureHash(dataset) };
  const { asked, open } = await labels.ask(
    rows.map((row) => newTask(of, row)),
    {
      model: name,
      runId,
      votesToAgree,
      mostVotes,
      deadline: new Date(Date.now() + deadlineInSeconds * 1000).toISOString(),
      ...(token !== undefined && { token }),
      ...(retentionDays !== undefined && { expiresAt: Math.ceil(Date.now() / 1000) + retentionDays * SECONDS_PER_DAY }),
    },
  );
  telemetry.info("asked", { model: name, runId, asked, open });
  if (token !== undefined && open === 0) await resume(token);
  return {
    asked,
    open,
    ...(from === RUN_FILES.uncertain && {
      automatic: parseAutomaticLabels(await objects.text(runKey(runId, RUN_FILES.automaticLabels))),
    }),
  };
}
