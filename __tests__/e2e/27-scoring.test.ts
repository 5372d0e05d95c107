import { GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { ListModelsCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { datasetNamed } from "../../catalogue/datasets";
import type { EventDetail } from "../../contracts/events";
import type { Prediction } from "../../contracts/request-path";
import { Naming } from "../../modules/base/naming";
import { endedWell } from "../../scripts/lib/retraining";
import { sampleOf } from "../../scripts/lib/sample-data";
import { score, scoringOf } from "../../scripts/lib/scoring";
import { emulatorSettings, type System } from "../../scripts/lib/system";
import { withRecords } from "./setup/records";
import { testSystem, wallet } from "./setup/system";

const DATASET = "before-initial-deposit";
const PLAYERS = 30;

let system: System;
let bucket: string;
beforeAll(async () => {
  system = await testSystem();
  bucket = new Naming(system.config).of("bucket", "data", DATASET);
});

/** Reads what the scorings of a day found. */
async function scoredOn(date: string): Promise<EventDetail<"PlayerAssessed">[]> {
  const { s3 } = system;
  const Prefix = `scored/${DATASET}/date=${date}/`;
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix }));
  const texts = await Promise.all(
    Contents.map(async ({ Key }) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
      return (await Body?.transformToString()) ?? "";
    }),
  );
  return texts.flatMap((text) => text.trimEnd().split("\n")).map((line) => JSON.parse(line));
}

test("a batch transform scores the newest record of every player as a request with it would", async () => {
  const earlier = [...sampleOf(datasetNamed(DATASET), PLAYERS)].map(({ record }) => record);
  const later = earlier.map((record) => ({
    ...record,
    asOf: new Date(Date.parse(record.asOf) + 1000).toISOString(),
  }));
  // The later of both, whatever they are called.
  const lines = [...later, ...earlier].map((record) => `${JSON.stringify(record)}\n`).join("");
  await withRecords(system, bucket, { "records/all.jsonl": lines }, async () => {
    const execution = await score(system, DATASET);
    expect([execution.cause, endedWell(execution)]).toEqual([undefined, true]);
    const { date = "", ...result } = scoringOf(execution);
    expect(result).toMatchObject({ status: "Scored", players: PLAYERS, leftOut: "" });
    expect(Object.values(result.risk ?? {}).reduce((sum, players) => sum + players, 0)).toBe(PLAYERS);

    const records = later.map(({ outcome: _, ...record }: object & { outcome?: unknown }) => record);
    const { body } = await (await wallet(system)).send({ records });
    const { predictions } = body as unknown as { predictions: readonly Prediction[] };
    const scored = (await scoredOn(date)).flatMap((each) => each.predictions);
    const told = (of: readonly (Prediction | EventDetail<"PlayerAssessed">["predictions"][number])[]) =>
      Object.fromEntries(of.map((each) => [each.predictionId, [each.score, each.riskGroup, each.reasons]]));
    expect(told(scored)).toEqual(told(predictions));
    expect(scored).toHaveLength(PLAYERS);
  });
  // What scored it is gone, and what serves is not.
  const sagemaker = new SageMakerClient(emulatorSettings(system.emulator, system.config));
  const { Models = [] } = await sagemaker.send(new ListModelsCommand({ NameContains: "-scoring-" }));
  expect(Models).toEqual([]);
});

test("a scoring of no dataset is refused", async () => {
  const { status, cause } = await score(system, "poker");
  expect([status, cause]).toEqual(["FAILED", expect.stringContaining('The input must be {"dataset": "<dataset>"}')]);
});
