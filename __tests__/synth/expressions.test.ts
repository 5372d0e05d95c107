import { models } from "../../catalogue/models";
import { mergeRejections } from "../../handlers/lib/records/rejections";
import { countedLabels, total } from "../../handlers/retraining/count-labels/logic";
import { argumentsOf, BEFORE, HARM, MARKETING, MB, planOf, TB, training, varied } from "./runs";
import { evaluate, type MainStateMachine, mainStateMachine } from "./states";
import { synthesize } from "./synthesize";

// What the expressions of the synthesized state machine say, beside the distributed case.

const asDeployed = mainStateMachine(synthesize("production").stepFunctions);
const asVaried = mainStateMachine(synthesize(varied).stepFunctions);

describe("tuning", () => {
  interface Tuning {
    readonly HyperParameterTuningJobConfig: object;
    readonly TrainingJobDefinition: Readonly<Record<string, unknown>>;
    readonly Tags: unknown;
  }
  const tune = (name: string): Promise<Tuning> =>
    argumentsOf(asVaried, "Tune", { modelSettings: asVaried.settings[name], plan: planOf(name, 1 * TB), attempt: 1 });

  test.each([
    [BEFORE, "Random", "Minimize", "validation:logloss"],
    [HARM, "Random", "Minimize", "validation:logloss"],
    [MARKETING, "Bayesian", "Minimize", "validation:poisson-nloglik"],
  ])("of %s, %s, wants to %s %s, in the ranges of the configuration", async (name, Strategy, Type, MetricName) => {
    const { HyperParameterTuningJobConfig } = await tune(name);
    const range = (Name: string, MinValue: string, MaxValue: string) => ({
      Name,
      MinValue,
      MaxValue,
      ScalingType: "Auto",
    });
    expect(HyperParameterTuningJobConfig).toEqual({
      Strategy,
      // The trainings' own seed.
      RandomSeed: 1,
      HyperParameterTuningJobObjective: { Type, MetricName },
      ResourceLimits: { MaxNumberOfTrainingJobs: 12, MaxParallelTrainingJobs: 3 },
      ParameterRanges: {
        IntegerParameterRanges: [range("max_depth", "3", "8")],
        ContinuousParameterRanges: [range("eta", "0.02", "0.3"), range("subsample", "0.5", "1")],
        CategoricalParameterRanges: [],
      },
    });
  });

  test.each([BEFORE, HARM, MARKETING])("each training of %s is as one alone, but for what is tuned", async (name) => {
    const job = await tune(name);
    const { TrainingJobName: _, HyperParameters, Tags, ...alone } = await training(asVaried, name, 1 * TB);
    const { StaticHyperParameters, ...definition } = job.TrainingJobDefinition;
    expect(definition).toEqual(alone);
    const tuned = ["max_depth", "eta", "subsample"];
    expect(StaticHyperParameters).toEqual(
      Object.fromEntries(Object.entries(HyperParameters).filter(([key]) => !tuned.includes(key))),
    );
    expect(Object.keys(HyperParameters)).toEqual(expect.arrayContaining(tuned));
    expect(job.Tags).toEqual(Tags);
  });

  test("the cap on cost counts every training, and that of the model that labels", () => {
    const trainings = ({ settings }: MainStateMachine) => models.map(({ name }) => settings[name]?.limits.trainingJobs);
    expect(trainings(asDeployed)).toEqual([2, 2, 1]);
    // Labelling of the second is switched off.
    expect(trainings(asVaried)).toEqual([13, 12, 12]);
  });

  test("is chosen where it is configured", async () => {
    const [choice] = asVaried.perModel["Choose compute"]?.Choices ?? [];
    expect(choice?.Next).toBe("Tune");
    expect(await evaluate(choice?.Condition, { modelSettings: asVaried.settings[HARM] })).toBe(true);
    expect(await evaluate(choice?.Condition, { modelSettings: asDeployed.settings[HARM] })).toBe(false);
  });
});

describe("metrics", () => {
  interface Algorithm {
    readonly AlgorithmSpecification: { readonly MetricDefinitions?: readonly { Name: string; Regex: string }[] };
  }
  const definitions = ({ settings }: MainStateMachine, name: string) =>
    (settings[name]?.trainingJob as Algorithm | undefined)?.AlgorithmSpecification.MetricDefinitions;

  test.each([
    [BEFORE, "logloss"],
    [MARKETING, "poisson-nloglik"],
  ])("of our own image are read from its log: %s", (name, metric) => {
    const line = `[3]\ttrain-${metric}:0.81234\tvalidation-${metric}:0.79001`;
    const read = definitions(asVaried, name)?.map(({ Name, Regex }) => [Name, new RegExp(Regex).exec(line)?.[1]]);
    expect(read).toEqual([
      [`train:${metric}`, "0.81234"],
      [`validation:${metric}`, "0.79001"],
    ]);
  });

  test("of the built-in image SageMaker knows by itself", () => {
    for (const { name } of models) expect(definitions(asDeployed, name)).toBeUndefined();
    expect(definitions(asVaried, HARM)).toBeUndefined();
  });
});

describe("deployment guardrails", () => {
  const update = (machine: MainStateMachine, name: string, state = "Update endpoint") =>
    argumentsOf(machine, state, {
      modelSettings: machine.settings[name],
      plan: planOf(name, 1 * MB),
      deployment: planOf(name, 1 * MB).runId,
      championConfiguration: "champion",
    });
  const rollback = { Alarms: [{ AlarmName: "reference" }, { AlarmName: "reference" }] };

  test("two instances: a canary first", async () => {
    expect((await update(asDeployed, HARM)).DeploymentConfig).toEqual({
      BlueGreenUpdatePolicy: {
        TrafficRoutingConfiguration: {
          Type: "CANARY",
          CanarySize: { Type: "CAPACITY_PERCENT", Value: 50 },
          WaitIntervalInSeconds: 300,
        },
        TerminationWaitInSeconds: 300,
        MaximumExecutionTimeoutInSeconds: 1800,
      },
      AutoRollbackConfiguration: rollback,
    });
  });

  test("one instance: all at once, and watched", async () => {
    expect((await update(asVaried, BEFORE)).DeploymentConfig).toEqual({
      BlueGreenUpdatePolicy: {
        TrafficRoutingConfiguration: { Type: "ALL_AT_ONCE", WaitIntervalInSeconds: 300 },
        TerminationWaitInSeconds: 300,
        MaximumExecutionTimeoutInSeconds: 1800,
      },
      AutoRollbackConfiguration: rollback,
    });
  });

  test("serverless: none", async () => {
    expect(await update(asVaried, HARM)).toEqual({
      EndpointName: "reference",
      EndpointConfigName: `${asVaried.settings[HARM]?.prefix}-${planOf(HARM, 1 * MB).runId}`,
      RetainAllVariantProperties: false,
    });
  });

  test("the champion comes back without them, because their alarms may still be on", async () => {
    for (const machine of [asDeployed, asVaried]) {
      for (const { name } of models) {
        const { DeploymentConfig, EndpointConfigName } = await update(machine, name, "Restore champion");
        expect([DeploymentConfig, EndpointConfigName]).toEqual([undefined, "champion"]);
      }
    }
  });
});

describe("labels", () => {
  const counts = total([
    {
      rows: { train: 400, validation: 90, test: 80 },
      positives: { train: 20, validation: 5, test: 4 },
      sources: { operator: 500, labeller: 10, "self-exclusion": 40, observation: 20 },
      operators: [],
      unlabelled: 300,
      newlyLabelled: 0,
      outOfTime: 0,
      unused: 0,
      duplicates: 0,
      rejected: 2,
      lines: 872,
      bytes: 87_200,
      rejectedBytes: 200,
    },
  ]);
  const {
    rows,
    sources,
    labelling: chosen,
  } = countedLabels(
    counts,
    mergeRejections([]),
    { mode: "people", reason: "870 records, fewer than 5000" },
    {
      toleratedRejectedShare: 0.05,
      oneSided: "fail",
    },
  );
  const labelling = { ...chosen, sources };
  const assigned = async (state: string, Payload: object) =>
    (await evaluate(asDeployed.perModel[state]?.Assign, {
      rows,
      labelling,
      states: { result: { Payload } },
    })) as Readonly<Record<string, object>>;

  test("of people or a model change the run's rows to what the functions answer", async () => {
    const changed = { ...rows, train: 402, unlabelled: 298 };
    const people = { asked: 5, agreed: 2, disputed: 1, open: 2 };
    const automatic = { positive: { labelled: 12 }, negative: { labelled: 200 }, notUsed: 60 };
    expect(await assigned("Collect labels", { rows: changed, people })).toEqual({
      rows: changed,
      labelling: { ...labelling, people },
    });
    expect(await assigned("Ask about the rest", { rows: changed, asked: 20, open: 19, automatic })).toEqual({
      rows: changed,
      labelling: { ...labelling, automatic, people: { asked: 20, open: 19 } },
    });
  });

  test.each([
    ["no request", { model: HARM }, null, {}],
    ["a mode", { model: HARM, labelling: { mode: "outcome" } }, "outcome", { mode: "outcome" }],
    ["other settings", { model: HARM, labelling: { deadlineInSeconds: 5 } }, null, { deadlineInSeconds: 5 }],
  ])("are brought as configured, but for what a request asks for: %s", async (_, request, requested, changed) => {
    const [sound] = asDeployed.perModel["Sound request?"]?.Choices ?? [];
    const variables = { settings: asDeployed.settings, checked: { request } };
    expect(await evaluate(sound?.Condition, variables)).toBe(true);
    const selected = (await evaluate(sound?.Assign, variables)) as { labellingSettings: object };
    expect(selected.labellingSettings).toEqual({ ...asDeployed.settings[HARM]?.policy.labelling, ...changed });
    const { Payload } = await argumentsOf(asDeployed, "Count labels", {
      ...selected,
      model: HARM,
      plan: planOf(HARM, 1 * MB),
      again: false,
    });
    expect(Payload).toMatchObject({ model: HARM, labelling: selected.labellingSettings, requested });
  });

  test.each([
    ["a model's name", HARM, HARM],
    ["a request", { model: HARM }, HARM],
    ["nothing", null, "null"],
    ["a number", 7, "7"],
    ["a list", [], "[]"],
    ["no model", {}, "no model"],
    ["no name", { model: 7 }, "7"],
  ])("whatever is asked for, the run can say of what it failed: %s", async (_, input, model) => {
    const { Assign } = asDeployed.perModel.Select ?? {};
    expect(await evaluate(Assign, { states: { input } })).toEqual({ model, corrected: "" });
  });

  test("a request that is not sound ends its own run, with what is wrong", async () => {
    const [sound] = asDeployed.perModel["Sound request?"]?.Choices ?? [];
    expect(await evaluate(sound?.Condition, { checked: { problem: "x" } })).toBe(false);
    expect(asDeployed.perModel["Sound request?"]?.Default).toBe("Unsound request");
  });

  test("every model's policy is what its request is held against", async () => {
    const { Payload } = await argumentsOf<{ Payload: { policies: object } }>(asDeployed, "Check request", {
      settings: asDeployed.settings,
      states: { input: HARM },
    });
    expect(Object.keys(Payload.policies)).toEqual(models.map(({ name }) => name));
    expect(Payload.policies).toMatchObject({ [HARM]: { approval: "automatic", requestsMayLoosen: false } });
  });

  test.each([
    [{ models: [HARM] }, true],
    [{ models: [HARM, null] }, true],
    [{ models: Array(50).fill(HARM) }, true],
    [{ models: Array(51).fill(HARM) }, false],
    [{ models: [] }, false],
    [{}, false],
    [{ models: HARM }, false],
    [{ models: [HARM], model: HARM }, false],
    [[HARM], false],
    ["x", false],
    ["", false],
  ])("an execution of %j is begun: %j", async (input, expected) => {
    const { "Anything asked for?": choice } = asDeployed.definition.States;
    expect(await evaluate(choice?.Choices?.[0]?.Condition, { states: { input } })).toBe(expected);
    expect(choice?.Default).toBe("Nothing asked for");
  });

  const some = { train: 350, validation: 75, test: 75 };
  const both = { train: 20, validation: 5, test: 4 };
  test.each([
    ["enough", HARM, some, both, true],
    ["one row too few", HARM, { ...some, train: 349 }, both, false],
    ["nothing to validate with", HARM, { train: 900, validation: 0, test: 75 }, { ...both, validation: 0 }, false],
    ["nothing to test with", HARM, { train: 900, validation: 75, test: 0 }, { ...both, test: 0 }, false],
    // Of which only training, early stopping and the gate would find out, when the training has been paid for.
    ["no label 1 to learn from", HARM, some, { ...both, train: 0 }, false],
    ["no label 0 to learn from", HARM, some, { ...both, train: 350 }, false],
    ["no label 1 to stop by", HARM, some, { ...both, validation: 0 }, false],
    ["no label 0 to stop by", HARM, some, { ...both, validation: 75 }, false],
    ["no label 1 to judge by", HARM, some, { ...both, test: 0 }, false],
    ["no label 0 to judge by", HARM, some, { ...both, test: 75 }, false],
    ["one of each", HARM, some, { train: 1, validation: 74, test: 1 }, true],
    ["enough with the latest, which do not count", HARM, { ...some, train: 349, outOfTime: 90 }, both, false],
    ["stakes, all above 0", MARKETING, some, some, true],
    ["one stake too few", MARKETING, { ...some, train: 349 }, some, false],
  ])("%s of all: %s", async (_, model, counted, positives, expected) => {
    const { Choices = [], Assign } = asDeployed.perModel["Enough rows?"] ?? {};
    const variables = {
      rows: { ...rows, ...counted, positives },
      records: "872 read, none rejected",
      modelSettings: asDeployed.settings[model],
    };
    expect(await evaluate(Choices[0]?.Condition, variables)).toBe(expected);
    const { skipped } = (await evaluate(Assign, variables)) as { skipped: string };
    const { train, validation, test } = counted;
    const latest = "outOfTime" in counted ? ", and 90 of the latest time, which are only tested with" : "";
    expect(skipped).toContain(
      model === HARM
        ? `500 labelled rows in all splits, with both labels in each; this run has ${train} to train on ` +
            `(${positives.train} with label 1), ${validation} to validate with (${positives.validation} with label 1), ` +
            `${test} to test with (${positives.test} with label 1)${latest}. Records: 872 read`
        : `splits; this run has ${train} to train on, ${validation} to validate with, ${test} to test with. Records`,
    );
  });
});

test.each([
  ["", false],
  ["10 of 10 records cannot be used", true],
])("what is said of unusable records, %j, ends the run: %j", async (unusable, expected) => {
  const [choice] = asDeployed.perModel["How to label?"]?.Choices ?? [];
  expect(choice?.Next).toBe("Too many unusable records");
  expect(await evaluate(choice?.Condition, { unusable })).toBe(expected);
  if (unusable === "") return;
  const { failure } = (await evaluate(asDeployed.perModel["Too many unusable records"]?.Assign, {
    unusable,
    plan: planOf(HARM, 1 * MB),
  })) as { failure: { cause: string } };
  expect(failure.cause).toMatch(
    /^10 of 10 records cannot be used\. What is wrong with each is under rows\/.*\/rejected\/$/,
  );
});

test.each([
  ["an alarm without new labels", { trigger: "alarm" }, 0, 0, true],
  ["an alarm with new records that have labels", { trigger: "alarm" }, 3, 0, false],
  ["an alarm with new labels of people", { trigger: "alarm" }, 0, 2, false],
  ["an alarm that somebody forces", { trigger: "alarm", force: true }, 0, 0, false],
  ["a schedule", { trigger: "schedule" }, 0, 0, false],
  ["a person", {}, 0, 0, false],
])("a run of %s", async (_, request, newlyLabelled, newLabels, isSkipped) => {
  const choice = asDeployed.perModel["How to label?"]?.Choices?.find(({ Assign }) => Assign !== undefined);
  const variables = {
    request: { model: HARM, ...request },
    rows: { newlyLabelled },
    plan: { ...planOf(HARM, 1 * MB), newLabels },
    records: "870 read, none rejected",
  };
  expect(await evaluate(choice?.Condition, variables)).toBe(isSkipped);
  expect(choice?.Next).toBe("Skipped");
  expect(await evaluate(choice?.Assign, variables)).toEqual({
    skipped: "an alarm asks for new labels, and there are none since the last run. Records: 870 read, none rejected",
  });
});

describe("records that came more than once", () => {
  const { Choices: [choice] = [], Default } = asDeployed.perModel["Records twice?"] ?? {};
  const again = "runs/run-1/again/manifest.json";

  test("have their groups prepared again, by a manifest of these", async () => {
    expect(await evaluate(choice?.Condition, { againKey: again })).toBe(true);
    expect(choice?.Next).toBe("Prepare rows");
    const variables = {
      ...((await evaluate(choice?.Assign, { againKey: again })) as object),
      modelSettings: asDeployed.settings[HARM],
      plan: planOf(HARM, 1 * MB),
      model: HARM,
      states: { context: { Map: { Item: { Value: { keys: ["records/a.jsonl"], modified: [7], bytes: 1 } } } } },
    };
    const { ItemReader, ItemSelector } = asDeployed.perModel["Prepare rows"] as unknown as Record<
      string,
      { Arguments: object }
    >;
    expect(await evaluate(ItemReader?.Arguments, variables)).toMatchObject({ Key: again });
    expect(await evaluate(ItemSelector, variables)).toMatchObject({
      payload: { keys: ["records/a.jsonl"], modified: [7], again: true },
    });
  });

  test("or there are none", async () => {
    expect(await evaluate(choice?.Condition, { againKey: "" })).toBe(false);
    expect(Default).toBe("How to label?");
    const [train] = asDeployed.perModel["Anything to train on?"]?.Choices ?? [];
    expect(await evaluate(train?.Assign, { plan: { manifestKey: "m" } })).toEqual({ manifestKey: "m", again: false });
  });
});

describe("processing jobs", () => {
  test.each([
    ["Evaluate", "evaluate.py"],
    ["Label automatically", "label.py"],
  ])("%s runs %s on the volume of the training, with inputs and outputs apart", async (state, program) => {
    const job = (await argumentsOf(asDeployed, state, {
      plan: planOf(HARM, 1 * TB),
      modelSettings: asDeployed.settings[HARM],
      artefact: "s3://bucket/model.tar.gz",
      labellingModel: "s3://bucket/labelling/model.tar.gz",
    })) as {
      readonly AppSpecification: {
        readonly ContainerEntrypoint: readonly string[];
        readonly ContainerArguments: unknown[];
      };
      readonly ProcessingInputs: readonly {
        readonly InputName: string;
        readonly S3Input: { readonly LocalPath: string };
      }[];
      readonly ProcessingOutputConfig: {
        readonly Outputs: readonly { readonly OutputName: string; readonly S3Output: { readonly LocalPath: string } }[];
      };
      readonly ProcessingResources: object;
    };
    expect(job.AppSpecification.ContainerEntrypoint).toEqual(["python3", `/opt/ml/processing/code/${program}`]);
    for (const argument of job.AppSpecification.ContainerArguments) expect(typeof argument).toBe("string");
    const paths = [
      ...job.ProcessingInputs.map(({ S3Input }) => S3Input.LocalPath),
      ...job.ProcessingOutputConfig.Outputs.map(({ S3Output }) => S3Output.LocalPath),
    ];
    const names = [
      ...job.ProcessingInputs.map(({ InputName }) => InputName),
      ...job.ProcessingOutputConfig.Outputs.map(({ OutputName }) => OutputName),
    ];
    expect(new Set(paths).size).toBe(paths.length);
    expect(new Set(names).size).toBe(names.length);
    expect(job.ProcessingResources).toMatchObject({ ClusterConfig: { InstanceCount: 1, VolumeSizeInGB: 200 } });
  });
});

test("the registry's metadata of a version are texts, no longer than it takes", async () => {
  const { runId, data } = planOf(HARM, 10 * TB);
  const report = `s3://bucket/runs/${runId}/evaluation/report.html`;
  const variables = {
    modelSettings: asDeployed.settings[HARM],
    plan: planOf(HARM, 10 * TB),
    request: { model: HARM },
    artefact: "s3://bucket/model.tar.gz",
    labelling: { mode: "people", sources: { operator: 1e9, labeller: 1e9, "self-exclusion": 1e9, observation: 1e9 } },
    judged: {
      verdict: "promote",
      reason: "good ".repeat(1_000),
      metrics: { "auroc.value": "0.8" },
      report,
      evaluation: report,
    },
  };
  const request = await argumentsOf(asDeployed, "Register", variables);
  const properties = request.CustomerMetadataProperties as Readonly<Record<string, string>>;
  expect(properties).toMatchObject({
    modelVersion: runId,
    dataSha256: data.sha256,
    labelling: "people",
    bytes: "10000000000000",
  });
  for (const value of Object.values(properties)) {
    expect(typeof value).toBe("string");
    expect(value.length).toBeLessThanOrEqual(256);
  }
  expect((request.ModelPackageDescription as string).length).toBeLessThanOrEqual(1024);
  expect(request.ModelApprovalStatus).toBe("Approved");
});

describe("a run that takes a model over", () => {
  const leaving = async (Item?: object) =>
    evaluate(asDeployed.perModel["Find holder"]?.Assign, { states: { result: Item ? { Item } : {} } });

  test.each([
    [undefined, "nobody", ""],
    [{ holder: { S: "arn#0" } }, "arn#0", ""],
    [{ holder: { S: "arn#0" }, modelPackage: { S: "arn:p" } }, "arn#0", "arn:p"],
  ])("of %j finds holder %j and the candidate %j", async (item, holder, left) => {
    expect(await leaving(item)).toEqual({ holder, left });
  });
});

describe("the result of a run", () => {
  const correct = asDeployed.perModel["Correct serving record"];
  const actual = { modelVersion: "v2" };

  test.each([
    ["another version", { modelVersion: "v1" }, "The serving record named v1 and not"],
    ["nothing that can be read", {}, "The serving record named no version that can be read and not"],
  ])("a record that named %s was corrected", async (_, served, words) => {
    const { corrected } = (await evaluate(correct?.Assign, { served, actual })) as { corrected: string };
    expect(corrected).toContain(words);
    expect(corrected).toContain("names v2");
  });

  test("is the result, with the correction where there was one", async () => {
    const end = (corrected: string) =>
      evaluate(asDeployed.perModel.Done?.Output, { result: { status: "Skipped" }, corrected });
    expect(await end("")).toEqual({ status: "Skipped" });
    expect(await end("it was wrong")).toEqual({ status: "Skipped", corrected: "it was wrong" });
  });

  test.each([
    [
      { ModelApprovalStatus: "Rejected", ApprovalDescription: "too few players" },
      "rejected by a person: too few players",
    ],
    [{ ModelApprovalStatus: "Rejected" }, "rejected by a person"],
  ])("a person's reason is in the verdict: %j", async (result, reason) => {
    const said = (await evaluate(asDeployed.perModel["Describe approval"]?.Assign, { states: { result } })) as object;
    const [, rejected] = asDeployed.perModel["Approved?"]?.Choices ?? [];
    expect(await evaluate(rejected?.Assign, { judged: { verdict: "promote" }, ...said })).toEqual({
      judged: { verdict: "reject", reason },
    });
  });
});
