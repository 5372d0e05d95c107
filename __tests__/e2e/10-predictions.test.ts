import { readFileSync } from "node:fs";
import { join } from "node:path";
import { datasetNamed, datasets } from "../../catalogue/datasets";
import { featureHash } from "../../catalogue/datasets/kit/dataset";
import { ONE_CURRENCY } from "../../catalogue/datasets/kit/money";
import { modelNamed, models } from "../../catalogue/models";
import { scaleOf, scalingOf } from "../../catalogue/training/scaling";
import type { Prediction } from "../../contracts/request-path";
import { recordReader } from "../../handlers/lib/records/records";
import { sampleBatch } from "../../scripts/lib/sample-data";
import type { System } from "../../scripts/lib/system";
import { initial } from "./setup/serving";
import { testSystem, type Wallet, wallet } from "./setup/system";

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
