import { datasetNamed } from "../../../../catalogue/datasets";
import { beforeInitialDeposit } from "../../../../catalogue/datasets/before-initial-deposit";
import { gamblingBehaviour } from "../../../../catalogue/datasets/gambling-behaviour";
import type { Needs, RecordIdentity } from "../../../../catalogue/datasets/kit/dataset";
import { ONE_CURRENCY } from "../../../../catalogue/datasets/kit/money";
import type { Label } from "../../../../catalogue/labelling/outcome-labels";
import { models } from "../../../../catalogue/models";
import { layoutHash, UNSCALED } from "../../../../catalogue/training/scaling";
import type { PredictRequest } from "../../../../contracts/request-path";
import { answerBatch } from "../../../../handlers/api/filter/logic";
import { predict } from "../../../../handlers/api/predict/logic";
import { createHandler } from "../../../../handlers/api/preprocess/handler";
import { scoresOf } from "../../../../handlers/lib/aws/endpoint";
import { recordReader } from "../../../../handlers/lib/records/records";
import { createLineReader } from "../../../../handlers/retraining/prepare/line";
import { modelReader } from "../../../../handlers/retraining/prepare/model-reader";
import { fakeTelemetry } from "../fakes";

// The pure parts of filter, preprocess and predict put together over the real datasets, with JSON between them as
// between the functions.
const deps = {
  environment: {
    CURRENCY: "EUR",
    CURRENCY_RATES: new Map<string, number>(),
    OPERATOR_CURRENCIES: new Map<string, string>(),
  },
  telemetry: fakeTelemetry().telemetry,
};
const preprocessors = new Map([
  [beforeInitialDeposit.name as string, createHandler(beforeInitialDeposit, deps)],
  [gamblingBehaviour.name as string, createHandler(gamblingBehaviour, deps)],
]);
const json = <T>(value: T): T => JSON.parse(JSON.stringify(value));

/** Answers each record's own number, and keeps what it was asked. */
function endpoints() {
  const asked = new Map<string, string[]>();
  const ports = (model: (typeof models)[number], request: PredictRequest) => ({
    model,
    serving: async () => ({ modelVersion: "1", featureHash: layoutHash(model, request.featureHash) }),
    scores: (rows: PredictRequest["rows"]) =>
      scoresOf(
        {
          now: Date.now,
          pause: async () => {},
          invoke: async (_, body) => {
            asked.set(model.name, [...(asked.get(model.name) ?? []), ...body.split("\n")]);
            return rows.map(({ index }) => index / 1_000).join(",");
          },
        },
        { endpoint: model.name, rows, columns: rows[0]?.features.length ?? 0, scaling: UNSCALED, budgetMs: 1_000 },
      ),
  });
  return { asked, ports };
}

const options = { seed: 7, players: 20, now: "2026-11-01T00:00:00Z" };
const training = [...beforeInitialDeposit.generate(options), ...gamblingBehaviour.generate(options)].map(
  ({ record }) => record,
);
const records = training.map(({ outcome: _, ...record }) => record);

async function answer() {
  const { asked, ports } = endpoints();
  const answered = await answerBatch(
    {
      preprocess: async (dataset, payload) => {
        const preprocess = preprocessors.get(dataset);
        if (preprocess === undefined) throw new Error(dataset);
        return json(await preprocess(JSON.parse(payload)));
      },
      predict: async (payload) => {
        const request: PredictRequest = JSON.parse(payload);
        const own = models.filter(({ dataset }) => dataset === request.dataset);
        return json(
          await predict(
            request,
            own.map((model) => ports(model, request)),
          ),
        );
      },
      onFailure: (step, dataset, failure) => {
        throw new Error(`${step} ${dataset}: ${failure.message}`);
      },
    },
    {
      requestId: "r",
      datasets: [...preprocessors.keys()],
      operators: [...new Set(records.map(({ operatorId }) => operatorId))],
      records,
      signal: new AbortController().signal,
    },
  );
  return { ...answered, asked };
}

test("a mixed batch is answered by every model of each record's dataset, each with its own score", async () => {
  const { predictions, errors } = await answer();
  expect(errors).toEqual([]);
  // Some synthetic players' operators do not report all that a model needs.
  const scoreOf = (record: RecordIdentity, needs: Needs, index: number) =>
    datasetNamed(record.dataset).lacking(record, needs).length > 0 ? undefined : index / 1_000;
  const expected = records.flatMap((record, index) =>
    models
      .filter(({ dataset }) => dataset === record.dataset)
      .map(({ name, needs }) => [index, name, scoreOf(record, needs, index)]),
  );
  expect(predictions.map(({ index, model, score }) => [index, model, score])).toEqual(expected);
  expect(predictions.map(({ playerId, index }) => [playerId, index])).toEqual(
    predictions.map(({ index }) => [records[index]?.playerId, index]),
  );
});

test("training sees the very features that predictions see", async () => {
  const { asked } = await answer();
  // A label for every line, so that none is left out.
  const label = (): Label => ({ value: 1, source: "operator" });
  const task = () => "task";
  const all = { needs: { groups: [] } };
  const readers = [
    createLineReader(modelReader(all, recordReader(beforeInitialDeposit, ONE_CURRENCY)), label, task),
    createLineReader(modelReader(all, recordReader(gamblingBehaviour, ONE_CURRENCY)), label, task),
  ];
  const rows = training.map((record) => {
    const line = readers[record.dataset === "before-initial-deposit" ? 0 : 1]?.(JSON.stringify(record));
    return line?.kind === "row" ? line.row : line;
  });
  const served = ["before-initial-deposit-problem-gambling", "gambling-behaviour-problem-gambling"];
  expect(rows).toEqual(served.flatMap((model) => asked.get(model) ?? []));
});
