import { gunzipSync } from "node:zlib";
import { GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { archiveFolder } from "../../contracts/archive";
import { EVENT_SCHEMAS } from "../../contracts/events";
import { Naming } from "../../modules/base/naming";
import { sampleBatch } from "../../scripts/lib/sample-data";
import type { System } from "../../scripts/lib/system";
import { eventually, testSystem, wallet } from "./setup/system";

interface Line {
  readonly "detail-type": "PlayerAssessed";
  readonly detail: { readonly operatorId: string; readonly playerId: string };
}

let system: System;
let Bucket: string;
beforeAll(async () => {
  system = await testSystem();
  Bucket = new Naming(system.config).of("bucket", "archive", "operators");
});

const keysUnder = async (Prefix: string) =>
  ((await system.s3.send(new ListObjectsV2Command({ Bucket, Prefix }))).Contents ?? []).map(({ Key = "" }) => Key);

async function linesOf(Key: string): Promise<readonly Line[]> {
  const { Body } = await system.s3.send(new GetObjectCommand({ Bucket, Key }));
  const text = String(gunzipSync((await Body?.transformToByteArray()) ?? Buffer.of()));
  expect(text.endsWith("\n")).toBe(true);
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

test("what is predicted of an operator's players is in its archive, and nothing of anybody else's", async () => {
  const records = sampleBatch() as { readonly operatorId: string; readonly playerId: string }[];
  const kept = Object.entries(system.config.operators).flatMap(([id, { archive }]) => (archive.enabled ? [id] : []));
  const asked = records.filter(({ operatorId }) => kept.includes(operatorId));
  expect(new Set(asked.map(({ operatorId }) => operatorId)).size).toBe(kept.length);
  expect((await (await wallet(system)).send({ records })).status).toBe(200);
  for (const operatorId of kept) {
    const own = new Set(asked.filter((record) => record.operatorId === operatorId).map(({ playerId }) => playerId));
    await eventually(async () => {
      // The newest, of which there are more the longer the system has run.
      const lines = (await Promise.all((await keysUnder(archiveFolder(operatorId))).slice(-100).map(linesOf))).flat();
      for (const { "detail-type": name, detail } of lines) {
        expect(EVENT_SCHEMAS[name].parse(detail)).toEqual(detail);
        expect(detail.operatorId).toBe(operatorId);
      }
      return [...own].every((playerId) => lines.some(({ detail }) => detail.playerId === playerId));
    });
  }
  const folders = kept.map(archiveFolder);
  expect((await keysUnder("")).filter((key) => !folders.some((folder) => key.startsWith(`${folder}day=`)))).toEqual([]);
});
