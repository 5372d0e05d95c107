import validate from "asl-validator";
import { MOST_PARTS, partsFor, TRANSFORM_TIERS, transformComputes } from "../../catalogue/scoring";
import { parseConfig } from "../../config";
import { production } from "../../config/production";
import { partName, scoringKeys } from "../../contracts/scoring-layout";
import { groupObjects, unpackedBytes } from "../../handlers/lib/records/groups";
import type { ScoringPlan } from "../../handlers/scoring/plan-scoring/logic";
import { BEFORE, HARM, MARKETING, objectsOf } from "./runs";
import { evaluate, type State } from "./states";
import { list, statements, synthesize } from "./synthesize";

const { scoring, sagemaker } = synthesize("production");
/** Quotas of Step Functions: bytes of a state's input or output, and events of an execution. */
const [MOST_BYTES, MOST_EVENTS] = [262_144, 25_000];

const { definition: text } = scoring.one("aws_sfn_state_machine");
const definition = JSON.parse((text as string).replace(/\$\{[^}]+\}/g, "reference"));
const states: Readonly<Record<string, State>> = definition.States;
const settings = definition.States.Settings.Assign.settings;
const argumentsOf = (state: string, variables: object) =>
  evaluate(states[state]?.Arguments, variables as Readonly<Record<string, unknown>>);

const RUN = "20261126-050000-abcdef";
const plan: ScoringPlan = {
  runId: RUN,
  decision: "score",
  reason: "",
  date: "2026-11-26",
  manifestKey: scoringKeys(RUN).manifest,
  partsKey: scoringKeys(RUN).parts,
  parts: 3,
  objects: 3,
  models: [HARM, MARKETING].map((model) => ({ model, modelVersion: "v1", modelName: `vwt-production-${model}-v1` })),
  leftOut: "",
};

describe("the scoring's state machine", () => {
  test("is valid Amazon States Language", () => {
    const { isValid, errorsText } = validate(definition);
    expect(isValid ? "" : errorsText("\n")).toBe("");
  });

  test("reaches every state, and whatever calls something says where and why it failed", () => {
    const reached = new Set<string>();
    const visit = (name: string | undefined) => {
      if (!name || reached.has(name)) return;
      reached.add(name);
      const { Next, Default, Choices = [], Catch = [] } = states[name] as State;
      for (const next of [Next, Default, ...Choices.map((each) => each.Next), ...Catch.map((each) => each.Next)])
        visit(next);
    };
    visit("Settings");
    expect([...reached].sort()).toEqual(Object.keys(states).sort());
    const calling = Object.entries(states).filter(([, { Type }]) => ["Task", "Map"].includes(Type));
    const remedies: Readonly<Record<string, string>> = {
      Transform: "Capacity?",
      "Delete scoring model": "Another model?",
      "Delete failed model": "Failed",
      Notify: "Well?",
    };
    for (const [name, { Catch = [] }] of calling) {
      expect([name, Catch.map(({ ErrorEquals, Next }) => [ErrorEquals, Next])]).toEqual([
        name,
        [[["States.ALL"], remedies[name] ?? "Failed"]],
      ]);
    }
  });

  test.each([
    [{ dataset: "gambling-behaviour" }, true],
    [{ dataset: "poker" }, false],
    [{ dataset: "gambling-behaviour", force: true }, false],
    [{ dataset: 1 }, false],
    [[], false],
    ["gambling-behaviour", false],
  ])("of %j it says whether it is a request", async (input, expected) => {
    const [rule] = states["Sound request?"]?.Choices ?? [];
    expect(await evaluate(rule?.Condition, { states: { input }, settings })).toBe(expected);
  });

  test("scores with what serves, in a model of its own, whose role is the only one that reads features", async () => {
    const datasetSettings = settings["gambling-behaviour"];
    const variables = { datasetSettings, plan, sized: { compute: transformComputes(1)[0], fallbacks: [] }, done: 1 };
    const [rule] = states["Another model?"]?.Choices ?? [];
    const assigned = (await evaluate(rule?.Assign, variables)) as Record<string, unknown>;
    expect(assigned).toMatchObject({ scoring: plan.models[1], attempt: 1, fallbacks: [] });
    const container = { Image: "image", ModelDataUrl: "s3://m/model.tar.gz", Environment: { VWT_MODEL_VERSION: "v1" } };
    const served = {
      ...{ ModelName: plan.models[1]?.modelName, ExecutionRoleArn: "serving", CreationTime: 1 },
      PrimaryContainer: { ...container, Mode: "SingleModel" },
      ...{ EnableNetworkIsolation: false, VpcConfig: { Subnets: ["s"], SecurityGroupIds: ["g"] } },
    };
    const all = { ...variables, ...assigned, served };
    const model = (await argumentsOf("Create scoring model", all)) as Record<string, unknown>;
    expect(model).toEqual({
      ModelName: expect.stringMatching(new RegExp(`^vwt-production-scoring-gam.*-${RUN}$`)),
      ExecutionRoleArn: "reference",
      PrimaryContainer: container,
      EnableNetworkIsolation: false,
      VpcConfig: served.VpcConfig,
      Tags: expect.arrayContaining([{ Key: "Project", Value: "vwt" }]),
    });
    const job = (await argumentsOf("Transform", all)) as Record<string, unknown>;
    expect(job).toEqual({
      TransformJobName: model.ModelName,
      ModelName: model.ModelName,
      BatchStrategy: "MultiRecord",
      MaxPayloadInMB: 4,
      TransformInput: {
        DataSource: {
          S3DataSource: { S3DataType: "S3Prefix", S3Uri: `s3://reference/scoring/${RUN}/features/` },
        },
        ContentType: "text/csv",
        SplitType: "Line",
      },
      TransformOutput: {
        S3OutputPath: `s3://reference/scoring/${RUN}/scores/${MARKETING}/`,
        Accept: "text/csv",
        AssembleWith: "Line",
        KmsKeyId: "reference",
      },
      TransformResources: { InstanceType: "ml.m5.large", InstanceCount: 1, VolumeKmsKeyId: "reference" },
      Tags: model.Tags,
    });
    const again = (await argumentsOf("Transform", { ...all, attempt: 2 })) as { TransformJobName: string };
    expect(again.TransformJobName).toBe(`${model.ModelName}-2`);
    expect(again.TransformJobName.length).toBeLessThanOrEqual(63);
  });

  test("asks for larger instances when there are none, and gives up after the last", async () => {
    const [rule] = states["Capacity?"]?.Choices ?? [];
    const [compute, ...fallbacks] = transformComputes(1);
    const failure = { step: "Transform", error: "States.TaskFailed", cause: "CapacityError: none of ml.m5.large" };
    const when = (given: object) => evaluate(rule?.Condition, { failure, fallbacks, compute, attempt: 1, ...given });
    expect(await when({})).toBe(true);
    expect(await when({ fallbacks: [] })).toBe(false);
    expect(await when({ failure: { ...failure, cause: "ClientError: See job logs" } })).toBe(false);
    expect(await evaluate(rule?.Assign, { fallbacks, attempt: 1 })).toEqual({
      compute: fallbacks[0],
      fallbacks: fallbacks.slice(1),
      attempt: 2,
    });
  });

  test("a part that fails fails the run, which names it", async () => {
    const [rule] = states["All published?"]?.Choices ?? [];
    const well = { part: "0000", players: 3, risk: { low: 2, moderate: 0, high: 1, severe: 0, unknown: 0 } };
    const failed = (part: string) => ({ failed: { part, cause: "the bus did not take 4 of 6 events" } });
    expect(await evaluate(rule?.Condition, { published: [well, well] })).toBe(false);
    expect(await evaluate(rule?.Condition, { published: [well, failed("7"), failed("9")] })).toBe(true);
    const { failure } = (await evaluate(rule?.Assign, { published: [well, failed("7"), failed("9")] })) as {
      failure: { cause: string };
    };
    expect(failure.cause).toBe(
      "part 7: the bus did not take 4 of 6 events; part 9: the bus did not take 4 of 6 events",
    );
    const result = await evaluate(states.Scored?.Assign, {
      ...{ dataset: "d", plan, published: [well, well] },
      sized: { records: "0 of 6 records cannot be used" },
    });
    expect(result).toMatchObject({ result: { status: "Scored", players: 6, risk: { ...well.risk, low: 4, high: 2 } } });
  });
});

describe("permissions", () => {
  const policyOf = (name: string) =>
    statements(
      Object.entries(sagemaker.all("aws_iam_role_policy")).find(([id]) => id.startsWith(`${name}-role_policy`))?.[1]
        .policy,
    );
  const on = (name: string, action: string) =>
    policyOf(name)
      .filter(({ Action }) => list(Action).includes(action))
      .flatMap(({ Resource }) => list(Resource))
      .map((arn) => arn.replace(/^.*\}\//, ""));

  test.each([BEFORE, HARM, MARKETING])("a transform of %s reads models and features, and writes its scores", (name) => {
    expect(on(`${name}_transform`, "s3:GetObject").sort()).toEqual(
      ["initial/*", "runs/*/output/*", "scoring/*/features/*"].sort(),
    );
    expect(on(`${name}_transform`, "s3:PutObject")).toEqual([`scoring/*/scores/${name}/*`]);
    expect(on(`${name}_serving`, "s3:GetObject").filter((path) => path.startsWith("scor"))).toEqual([]);
  });

  test("the machine passes the transform roles alone, and deletes no model that serves", () => {
    const [policy] = Object.entries(scoring.all("aws_iam_role_policy")).filter(([id]) =>
      id.startsWith("score_role_policy"),
    );
    const granted = statements(policy?.[1].policy);
    const resources = (action: string) =>
      granted.filter(({ Action }) => list(Action).includes(action)).flatMap(({ Resource }) => list(Resource));
    expect(resources("iam:PassRole")).toHaveLength(3);
    for (const arn of resources("sagemaker:DeleteModel"))
      expect(arn).toMatch(/:model\/vwt-production-scoring-[^*]*-\*$/);
  });
});

describe("schedules", () => {
  test("of all datasets are there, and off unless the configuration says otherwise", () => {
    const of = (stack: typeof scoring, dataset: string) =>
      stack.one("aws_scheduler_schedule", { name: `vwt-production-scoring-${dataset}` });
    for (const dataset of ["before-initial-deposit", "gambling-behaviour"]) {
      expect(of(scoring, dataset)).toMatchObject({
        schedule_expression: "rate(1 day)",
        state: "DISABLED",
        target: { input: JSON.stringify({ dataset }) },
      });
    }
    const nightly = { schedule: "cron(0 3 * * ? *)", enabled: true };
    const config = parseConfig(
      { ...production, scoring: { datasets: { "gambling-behaviour": nightly } } },
      "config/test.ts",
    );
    expect(of(synthesize(config).scoring, "gambling-behaviour")).toMatchObject({
      schedule_expression: nightly.schedule,
      state: "ENABLED",
    });
    expect(() => parseConfig({ ...production, scoring: { datasets: { poker: nightly } } }, "config/test.ts")).toThrow(
      /scoring\.datasets\.poker.*is no dataset; there are before-initial-deposit, gambling-behaviour/s,
    );
  });
});

// Sizes of what is planned for. Bytes of a record's JSON, of the line that is kept of it and of its features as CSV: the
// largest of 3,000 players of each generator (0.4 and 1.1 kB a line, 0.1 and 0.8 of CSV), with room for the longest ids.
const SMALL = { json: 600, line: 700, csv: 350 };
const DAYS = { json: 37_000, line: 1_500, csv: 1_100 };
const MILLION = 1_000_000;
const [KB, MB, GB] = [1e3, 1e6, 1e9];

describe.each([
  ["a thousand players", 1_000, SMALL, 1],
  ["20,000 players of the bench", 20_000, DAYS, 12],
  ["a million players before their deposit", MILLION, SMALL, 1],
  ["ten million players before their deposit", 10 * MILLION, SMALL, 1],
  ["ten million players of 90 full days", 10 * MILLION, DAYS, 1],
  ["ten million players with a record a week for a year", 10 * MILLION, { ...DAYS, json: 7_000 }, 52],
])("%s", (_, players, { json, line, csv }, records) => {
  const objects = objectsOf(players * records * json);
  const groups = groupObjects(objects);
  const parts = partsFor(unpackedBytes(objects));
  const perPart = Math.ceil(players / parts);

  test("are in parts that a function takes within its memory and time", () => {
    // Of a part, the text of each player's newest row, its key and Map's own entry.
    expect(perPart * (2 * line + 250)).toBeLessThan(0.8 * 1769 * MB);
    // Lines are parsed at 150,000 a second, and read at 50 MB a second.
    const seconds = (perPart * records) / 150_000 + (perPart * records * line) / (50 * MB);
    expect(seconds).toBeLessThan(600);
    // Ten events a call, five calls at once, 50 ms each.
    expect((perPart / 50) * 0.05).toBeLessThan(600);
    // A group's files of all parts are in memory at once, each up to its first megabyte.
    expect(parts).toBeLessThanOrEqual(MOST_PARTS);
  });

  test("are ranked within a function's memory: all scores twice, and a part's text", () => {
    expect(players * 8 * 2 + perPart * 25 * 4).toBeLessThan(0.8 * 1769 * MB);
  });

  test("need no state of 256 KB, and no execution of 25,000 events", async () => {
    const failed = { failed: { part: partName(parts), cause: "x".repeat(500) } };
    expect(parts * (JSON.stringify(failed).length + 1)).toBeLessThan(MOST_BYTES);
    // Of each group its own output, a digit and a comma.
    expect(2 * groups.length).toBeLessThan(MOST_BYTES);
    const selector = (states.Publish as unknown as { ItemSelector: unknown }).ItemSelector;
    const item = { Map: { Item: { Value: { part: parts } } }, Execution: { StartTime: "2026-11-26T05:00:00.000Z" } };
    const input = await evaluate(selector, { plan, dataset: "gambling-behaviour", states: { context: item } });
    expect(JSON.stringify(input).length).toBeLessThan(10 * KB);
    // The parent has three Maps of children, each child a history of its own.
    expect(5 * Object.keys(states).length * plan.models.length).toBeLessThan(MOST_EVENTS / 10);
  });

  test("are transformed on instances of the table", () => {
    const [{ instanceType, instanceCount }] = transformComputes(players * csv);
    const tier = TRANSFORM_TIERS.find((each) => each.instanceType === instanceType);
    expect(parts).toBeGreaterThanOrEqual(instanceCount);
    // 10 MB a second and vCPU.
    expect((players * csv) / (10 * MB * (tier?.vcpus ?? 0) * instanceCount)).toBeLessThan(600);
  });
});

test("every tier is done within ten minutes, and asks for no more at once than SageMaker takes", () => {
  for (const { maxBytes, vcpus, instanceCount } of TRANSFORM_TIERS) {
    expect(maxBytes / (10 * MB * vcpus * instanceCount)).toBeLessThanOrEqual(600);
    // "The value of MaxConcurrentTransforms times MaxPayloadInMB must not exceed 100": one transform a vCPU.
    expect(vcpus * 4).toBeLessThanOrEqual(100);
  }
  expect(() => transformComputes(251 * GB)).toThrow("more than catalogue/scoring.ts covers; add a tier");
  expect([0, 1, 64 * 2 ** 20, 65 * 2 ** 20, 1e15].map(partsFor)).toEqual([1, 1, 1, 2, 256]);
});
