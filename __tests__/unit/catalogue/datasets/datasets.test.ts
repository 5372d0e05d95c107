import { readFileSync } from "node:fs";
import path from "node:path";
import Ajv from "ajv";
import { datasetNamed, datasets } from "../../../../catalogue/datasets";
import { truth as beforeInitialDeposit } from "../../../../catalogue/datasets/before-initial-deposit/generator";
import { truth as gamblingBehaviour } from "../../../../catalogue/datasets/gambling-behaviour/generator";
import { featureHash } from "../../../../catalogue/datasets/kit/dataset";
import { type Outcome, outcome as outcomeSchema } from "../../../../catalogue/datasets/kit/outcome";
import { outcomeTimes, recordTimes } from "../../../../catalogue/datasets/kit/plausible-times";
import { boundsOf } from "../../../../catalogue/datasets/kit/record-bounds";
import { sampleText } from "../../../../catalogue/datasets/kit/sample";
import { bayesAuc } from "../../../../catalogue/datasets/kit/synthetic";
import { exclusionWithin } from "../../../../catalogue/labelling/outcome-labels";
import { models } from "../../../../catalogue/models";

/**
 * The hashes are pinned because a changed one makes every trained model unusable: `predict` refuses a model of another
 * layout. Change one only together with a new training run, and say so in the commit.
 */
const EXPECTED = {
  "before-initial-deposit": { hash: "cd54ed8a2b5790d3", features: 24, ...beforeInitialDeposit },
  "gambling-behaviour": { hash: "e4003fafdce89404", features: 59, ...gamblingBehaviour },
};

const cases = (Object.keys(EXPECTED) as (keyof typeof EXPECTED)[]).map((name) => ({
  dataset: datasetNamed(name),
  expected: EXPECTED[name],
}));
const NOW = "2026-11-01T00:00:00Z";
const distinct = (values: readonly unknown[]) => new Set(values).size;

test("every dataset is expected, and every model's dataset is there", () => {
  expect(datasets.map(({ name }) => name)).toEqual(Object.keys(EXPECTED));
  for (const model of models) expect(datasetNamed(model.dataset).name).toBe(model.dataset);
});

test("an unknown dataset is named, with those that exist", () => {
  expect(() => datasetNamed("poker-hands")).toThrow(
    'There is no dataset "poker-hands". Known are before-initial-deposit, gambling-behaviour',
  );
});

describe.each(cases)("$dataset.name", ({ dataset, expected }) => {
  const folder = path.join(__dirname, "../../../../catalogue/datasets", dataset.name);
  // One draw for all tests: records are pure data.
  const players = [...dataset.generate({ seed: 7, players: 5000, now: NOW })];
  const records = players.slice(0, 800).map(({ record: { outcome, ...record } }) => record);

  test("names every feature once, in the order of the pinned hash", () => {
    const names = dataset.features.map(({ name }) => name);
    expect(distinct(names)).toBe(expected.features);
    expect(names).toHaveLength(expected.features);
    for (const { name, unit, description } of dataset.features) {
      expect(name).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
      expect(unit).toMatch(/^\w+$/);
      expect(description.length).toBeGreaterThan(2);
    }
    expect(featureHash(dataset)).toBe(expected.hash);
  });

  test("extracts exactly the features of the table, in its order", () => {
    for (const record of records.slice(0, 50)) {
      expect(Object.keys(dataset.extract(record))).toEqual(dataset.features.map(({ name }) => name));
    }
  });

  test("has markers with stable names, each of which fires for some players and not for most", () => {
    expect(distinct(dataset.markers.map(({ name }) => name))).toBe(dataset.markers.length);
    const features = records.map((record) => dataset.extract(record));
    for (const { name, description, fires } of dataset.markers) {
      expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(description).not.toBe("");
      const share = features.filter(fires).length / features.length;
      expect({ name, rare: share < 0.25, never: share === 0 }).toEqual({ name, rare: true, never: false });
    }
  });

  test("fires no marker for a player of whom nothing is known", () => {
    const nothing = Object.fromEntries(dataset.features.map(({ name }) => [name, null]));
    expect(dataset.markers.filter(({ fires }) => fires(nothing))).toEqual([]);
  });

  test("generates valid records, before `now`, with valid outcomes", () => {
    const problems = records.flatMap((record) => [...dataset.record.check(record), ...dataset.rules(record)]);
    expect(problems).toEqual([]);
    expect(players.flatMap(({ record }) => outcomeSchema.check(record.outcome))).toEqual([]);
    expect(players.filter(({ record }) => !(Date.parse(record.asOf) < Date.parse(NOW)))).toEqual([]);
    const now = Date.parse(NOW);
    const times = players.flatMap(({ record }) => [...recordTimes(record, now), ...outcomeTimes(record.outcome, now)]);
    expect(times).toEqual([]);
  });

  test("generates the same records for the same seed, a large population starting with a small one", () => {
    const text = (seed: number, count: number) =>
      [...dataset.generate({ seed, players: count, now: NOW })].map((player) => JSON.stringify(player));
    const many = text(7, 40);
    expect(text(7, 15)).toEqual(many.slice(0, 15));
    expect(text(8, 40)).not.toEqual(many);
    expect(distinct(many)).toBe(40);
  });

  test("has the documented prevalence and Bayes-optimal AUC", () => {
    const probabilities = players.map(({ probability }) => probability);
    const prevalence = probabilities.reduce((sum, probability) => sum + probability, 0) / probabilities.length;
    expect(Math.abs(prevalence - expected.prevalence)).toBeLessThan(0.01);
    expect(Math.abs(bayesAuc(probabilities) - expected.bayesAuc)).toBeLessThan(0.012);
    const readme = readFileSync(path.join(folder, "README.md"), "utf8");
    expect(readme).toContain(`prevalence is ${expected.prevalence} and the Bayes-optimal AUC is ${expected.bayesAuc}`);
    expect(readme).toContain(`the ${expected.features} features`);
  });

  test("draws labels with the true probability, and leaves some unknown", () => {
    const labelled = players.flatMap(({ record, probability }) => {
      const label = exclusionWithin(90)(record);
      return label ? [{ label: label.value, probability }] : [];
    });
    expect(labelled.length / players.length).toBeGreaterThan(0.9);
    expect(labelled.length / players.length).toBeLessThan(0.97);
    const found = labelled.reduce((sum, { label }) => sum + label, 0);
    const wanted = labelled.reduce((sum, { probability }) => sum + probability, 0);
    const deviation = Math.sqrt(labelled.reduce((sum, { probability: p }) => sum + p * (1 - p), 0));
    // Four standard deviations: the seed is fixed, so this either always holds or never.
    expect(Math.abs(found - wanted)).toBeLessThan(4 * deviation);
    const outcomes = players.map(({ record }) => record.outcome);
    expect(outcomes.filter(({ label }) => label).length).toBeGreaterThan(300);
    expect(players.filter(({ record }) => earlyExclusion(record.outcome)).length).toBeGreaterThan(0);
  });

  test("ships examples that its generator makes, the last of clearly high risk", () => {
    const text = readFileSync(path.join(folder, "sample.jsonl"), "utf8");
    expect(text).toBe(sampleText(dataset));
    const examples = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(examples).toHaveLength(5);
    for (const example of examples) {
      expect(dataset.record.check(example)).toEqual([]);
      expect(dataset.rules(example)).toEqual([]);
    }
    const fired = (example: never) => dataset.markers.filter(({ fires }) => fires(dataset.extract(example))).length;
    expect(fired(examples[4] as never)).toBeGreaterThanOrEqual(2);
    expect(fired(examples[4] as never)).toBeGreaterThan(fired(examples[0] as never));
  });

  test.each(["draft-04", "draft-07"] as const)("has a closed JSON Schema in %s", (target) => {
    const schema = dataset.record.jsonSchema(target);
    expect(schema).toMatchObject({ type: "object", additionalProperties: false });
    expect(JSON.stringify(schema)).not.toContain('"additionalProperties":{');
  });
});

test("what records and outcomes are checked by are JSON Schemas", () => {
  const ajv = new Ajv();
  for (const { jsonSchema } of [outcomeSchema, ...datasets.map(({ record }) => record)]) {
    const schema = jsonSchema("draft-07");
    for (const each of [schema, boundsOf(schema)]) expect([ajv.validateSchema(each), ajv.errors]).toEqual([true, null]);
  }
  expect(ajv.validateSchema({ type: "number", minimum: "none" })).toBe(false);
});

function earlyExclusion({ selfExcludedAt, firstBetAt, label }: Outcome) {
  if (label || selfExcludedAt === undefined || firstBetAt === undefined) return false;
  return Date.parse(selfExcludedAt) - Date.parse(firstBetAt) < 7 * 86_400_000;
}
