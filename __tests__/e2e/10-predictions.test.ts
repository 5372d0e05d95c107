import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DescribeArchiveCommand, EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { datasetNamed, datasets } from "../../catalogue/datasets";
import { featureHash } from "../../catalogue/datasets/kit/dataset";
import { ONE_CURRENCY } from "../../catalogue/datasets/kit/money";
import { modelNamed, models } from "../../catalogue/models";
import { scaleOf, scalingOf } from "../../catalogue/training/scaling";
import type { Prediction } from "../../contracts/request-path";
import { recordReader } from "../../handlers/lib/records/records";
import { Naming } from "../../modules/base/naming";
import { sampleBatch } from "../../scripts/lib/sample-data";
import { emulatorSettings, type System } from "../../scripts/lib/system";
import { without } from "./setup/permissions";
import { initial } from "./setup/serving";
import { eventually, testSystem, type Wallet, wallet } from "./setup/system";

let system: System;
let client: Wallet;
beforeAll(async () => {
  system = await testSystem();
  await initial(system, ...models.map(({ name }) => name));
  client = await wallet(system);
});

const batch = sampleBatch() as { playerId: string; operatorId: string; dataset: string; asOf: string }[];

test("one batch of both datasets is answered by every model, in the order of the records", async () => {
  const { status, headers, body } = await client.send({ records: batch });
  expect(status).toBe(200);
  expect(headers.get("content-type")).toMatch(/^application\/json/);
  const { predictions, errors } = body as { predictions: Prediction[]; errors: unknown[] };
  expect(errors).toEqual([]);
  const expected = batch.flatMap(({ dataset }, index) =>
    models.filter((model) => model.dataset === dataset).map(({ name }) => [index, name]),
  );
  expect(predictions.map(({ index, model }) => [index, model])).toEqual(expected);
  for (const prediction of predictions) {
    const { playerId, operatorId, dataset, asOf } = batch[prediction.index] as (typeof batch)[number];
    expect(prediction).toMatchObject({ playerId, operatorId, dataset, asOf, modelVersion: "initial" });
    expect(prediction.featureHash).toBe(featureHash(datasets.find(({ name }) => name === dataset) as never));
  }
});

test("on day 0 the initial models answer their base scores, marketing's for each player in multiples of their own stake", async () => {
  const { body } = await client.send({ records: batch });
  for (const { index, model: name, score, riskGroup } of (body as { predictions: Prediction[] }).predictions) {
    const model = modelNamed(name);
    const { vector } = recordReader(datasetNamed(model.dataset), ONE_CURRENCY).features(batch[index] as never);
    expect(score).toBeCloseTo(model.baseScore * scaleOf(scalingOf(model), vector), 4);
    expect(riskGroup).toBe(name.endsWith("problem-gambling") ? "low" : undefined);
  }
});

test("on day 0 the request that docs/api.md shows gets the answer that it shows", async () => {
  const [request, answer] = ["request", "answer"].map((name) =>
    JSON.parse(readFileSync(join(__dirname, "..", "..", "docs", "examples", `${name}.json`), "utf8")),
  );
  const { body } = await client.send(request);
  const [prediction] = answer.predictions;
  expect(body).toEqual({
    ...answer,
    requestId: expect.any(String),
    predictions: [{ ...prediction, score: expect.closeTo(prediction.score, 4) }],
  });
});

test("the same request gets the same prediction ids, another player gets others", async () => {
  const ids = async (records: unknown[]) =>
    ((await client.send({ records })).body as { predictions: Prediction[] }).predictions.map(
      ({ predictionId }) => predictionId,
    );
  const [first] = batch;
  const once = await ids([first]);
  expect(await ids([first])).toEqual(once);
  expect(await ids([{ ...first, playerId: "somebody-else" }])).not.toEqual(once);
});

describe("what follows a prediction", () => {
  /** Counts the events that the bus has taken since it is there. */
  const published = async (): Promise<number> => {
    const { emulator, config } = system;
    const client = new EventBridgeClient(emulatorSettings(emulator, config));
    const ArchiveName = new Naming(config).of("archive", "events");
    return (await client.send(new DescribeArchiveCommand({ ArchiveName }))).EventCount ?? 0;
  };
  /** Sends the batch; what its predictions say of whether they are recorded. */
  const recorded = async () => {
    const { status, body } = await client.send({ records: batch });
    expect(status).toBe(200);
    return new Set((body as { predictions: Prediction[] }).predictions.map((prediction) => prediction.recorded));
  };

  test("is an event of each record, which comes to the bus by the queue behind it where the bus refuses", async () => {
    const before = await published();
    expect(await recorded()).toEqual(new Set([undefined]));
    await eventually(async () => (await published()) >= before + batch.length);
    await without(system, ["predict"], "events:PutEvents", async () => {
      expect(await recorded()).toEqual(new Set([undefined]));
    });
    await eventually(async () => (await published()) >= before + 2 * batch.length);
  });

  test("is nothing where the queue refuses too, and the predictions say so", async () => {
    await without(system, ["predict"], "events:PutEvents", () =>
      without(system, ["predict"], "sqs:SendMessage", async () => {
        expect(await recorded()).toEqual(new Set([false]));
      }),
    );
    await eventually(async () => (await recorded()).has(undefined));
  });
});
