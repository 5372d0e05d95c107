import { models } from "../../../catalogue/models";
import { type ConfigInput, loadConfig, parseConfig } from "../../../config";
import { local } from "../../../config/local";
import { production } from "../../../config/production";

/** `local` with one key set, however deep. */
function changed(path: string, value: unknown): ConfigInput {
  const copy = structuredClone(local) as Record<string, unknown>;
  const keys = path.split("/");
  const last = keys.pop() as string;
  const parent = keys.reduce<Record<string, unknown>>((at, key) => at[key] as Record<string, unknown>, copy);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return copy as unknown as ConfigInput;
}

const alarm = {
  name: "complaints",
  namespace: "Wallet",
  metric: "Complaints",
  statistic: "Sum",
  threshold: 10,
  comparison: "GreaterThanThreshold",
  periodInSeconds: 3540,
  evaluationPeriods: 24,
};

const groundTruth = {
  workteamArn: "arn:aws:sagemaker:eu-west-1:111122223333:workteam/private-crowd/labellers",
  preHumanTaskLambdaArn: "arn:aws:lambda:eu-west-1:568282634449:function:PRE-TextMultiClass",
  consolidationLambdaArn: "arn:aws:lambda:eu-west-1:568282634449:function:ACS-TextMultiClass",
};

const tuning = { maximumJobs: 4, parallelJobs: 2, numbers: { eta: { from: 0.02, to: 0.3 } } };

const webhook = { kind: "webhook", name: "hook", url: "https://operator.example/hook" };
const queue = { kind: "queue", name: "queue", queueArn: "arn:aws:sqs:eu-west-1:111122223333:decisions" };
const chain = {
  ...{ kind: "chain", name: "chain", rpcUrl: "http://127.0.0.1:8545", chainId: 31_337 },
  ...{ contract: `0x${"aB".repeat(20)}`, confirmations: 2 },
};

describe("configuration", () => {
  test.each(["local", "development", "production"])("%s is valid and has settings for every model", (environment) => {
    const config = loadConfig(environment);
    expect(config.environment).toBe(environment);
    expect(Object.keys(config.models)).toEqual(models.map(({ name }) => name));
  });

  test("an unknown environment names the known ones", () => {
    expect(() => loadConfig("staging")).toThrow(
      /no environment "staging".*VWT_ENVIRONMENT.*local, development, production/,
    );
  });

  const model = "models/gambling-behaviour-marketing";
  test.each([
    ["region", "ap-southeast-2", "region: has no prices in catalogue/training/prices.ts"],
    ["region", "europe", 'region: must be an AWS region such as "eu-west-1" (found "europe")'],
    ["accountId", "12", 'accountId: must be the 12 digits of an AWS account (found "12")'],
    ["money/currency", "EUT", 'money.currency: must be the ISO 4217 code of a currency, such as "EUR" (found "EUT")'],
    ["money", { currency: "EUR", rates: { EUR: 1 } }, "money.rates: has a rate of the models' own currency"],
    ["money", { currency: "EUR", rates: { SKE: 0.1 } }, "money.rates.SKE"],
    ["money", { currency: "EUR", rates: { SEK: 0 } }, "money.rates.SEK"],
    ["money", { currency: "EUR", operators: { o: "SEK" } }, "money.operators: names a currency without a rate"],
    ["api/maxBodyInBytes", 9_000_000, "api.maxBodyInBytes: must leave room under Lambda's 6 MB payload limit"],
    ["api/rememberRiskForDays", 0, "api.rememberRiskForDays"],
    [
      "storage",
      { ...local.storage, noncurrentVersionDays: 7, dataRetentionDays: 20 },
      "api.rememberRiskForDays: is longer than storage.dataRetentionDays keeps anything of a player; lower it (found nothing)",
    ],
    [
      "storage/audit/mode",
      "COMPLIANCE",
      "storage.audit.mode: must be GOVERNANCE where storage.destroyable is true, because nobody can destroy what COMPLIANCE locks",
    ],
    ["storage/audit/days", 0, "storage.audit.days"],
    ["api/endpointTimeoutInMs", 17_000, "api.endpointTimeoutInMs: must be below requestBudgetInMs"],
    ["functions/filter", { memoryInMb: 512, timeoutInSeconds: 8 }, "functions.filter.timeoutInSeconds: must be above"],
    [
      "pipeline/endpointDeadlineInSeconds",
      7200,
      "pipeline.endpointPollInSeconds: would cost more than the 25000 events that an execution's history holds",
    ],
    ["operators", {}, 'operators: has none that client "sample-wallet" of a usage plan acts for; add it to one'],
    [
      "operators/an operator",
      { clients: ["sample-trial"] },
      "operators.an operator: must be a pseudonym as in records",
    ],
    ["operators/operator-a/clients", [], "operators.operator-a.clients: must be at least 1 entries"],
    ["operators/operator-a/clients", ["sample-trial", "sample-trial"], "clients: names a client twice; remove one"],
    [
      "operators/operator-b/clients",
      ["nobody"],
      'operators.operator-b.clients.0: is a client of no usage plan; add it to one, or correct its name (found "nobody")',
    ],
    ["operators/operator-b/policy", "mild", "operators.operator-b.policy: must be one of "],
    [
      "operators/operator-b/deliveries",
      [{ kind: "fax", name: "a" }],
      'kind: must be one of several kinds, told apart by "kind"',
    ],
    ["operators/operator-b/deliveries", [{ ...webhook, name: "A" }], "name: must be 1 to 20 of a-z, 0-9 and -"],
    ["operators/operator-b/deliveries", [webhook, { ...queue, name: "hook" }], "has two deliveries of one name"],
    ["operators/operator-b/deliveries", [{ ...webhook, url: "hook" }], "url: must be a URL"],
    ["operators/operator-b/deliveries", [{ ...webhook, url: "http://o.example" }], "url: must begin with https://"],
    ["operators/operator-b/deliveries", [{ ...webhook, url: "ftp://127.0.0.1/" }], "url: must begin with https://"],
    ["operators/operator-b/deliveries", [{ ...webhook, url: "https://u:p@o.example" }], "url: has credentials in it"],
    ["operators/operator-b/deliveries", [{ ...webhook, url: "https://o.example/#a" }], "url: has a fragment"],
    [
      "operators/operator-b/deliveries",
      [{ ...queue, queueArn: "decisions" }],
      "queueArn: must be the ARN of an SQS queue",
    ],
    ["operators/operator-b/deliveries", [{ ...chain, contract: "0x1" }], "contract: must be an address"],
    [
      "operators",
      Object.fromEntries(
        Array.from({ length: 250 }, (_, index) => [
          `operator-${index}`,
          { clients: ["sample-wallet", "sample-trial"] },
        ]),
      ),
      /operators: take \d+ bytes of a function's variables, of 3000; use shorter ids/,
    ],
    [
      "api/usagePlans/wallet/clients",
      ["wallet", "wallet"],
      "api.usagePlans.wallet.clients: names a client twice; remove one",
    ],
    [
      "api/usagePlans/trial/clients",
      ["sample-trial", "sample-wallet"],
      "api.usagePlans.trial.clients.1: is a client of usage plan wallet, and has one key; remove it from one of them",
    ],
    ["logs/retentionInDays", 2, "logs.retentionInDays: must be a retention that CloudWatch Logs knows"],
    [
      `${model}/retraining/schedule`,
      "weekly",
      'schedule: must be an EventBridge Scheduler expression such as "rate(7 days)"',
    ],
    [
      `${model}/serving`,
      { mode: "realtime", instanceType: "ml.m5.large", minInstances: 3, maxInstances: 2 },
      "serving.maxInstances: must be at least minInstances; raise it or lower minInstances (found 2)",
    ],
    [
      `${model}/serving`,
      {
        mode: "serverless",
        memorySizeInMb: 2048,
        maxConcurrency: 5,
        vpc: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] },
      },
      "serverless endpoints cannot run in a VPC",
    ],
    [`${model}/serving`, { mode: "serverless", memorySizeInMb: 1000, maxConcurrency: 5 }, "must be one of 1024, 2048"],
    ["api/usagePlans/wallet/burstLimit", 1, "must be at least rateLimit"],
    [model, undefined, "models.gambling-behaviour-marketing: is missing; the catalogue has this model"],
    ["models/other", local.models[models[0]?.name as string], "models.other: is no model of catalogue/models.ts"],
    ["unknown", 1, "unknown: is no setting; remove it, or correct its name"],
    ["api/stages", 1, "api.stages: is no setting; remove it"],
    ["region", undefined, "region: is missing; give it a string (found nothing)"],
    ["region", 1, "region: must be a string (found 1)"],
    ["api/maxRecords", 0, "api.maxRecords: must be at least 1; raise it (found 0)"],
    ["api/maxRecords", 1001, "api.maxRecords: must be at most 1000; lower it (found 1001)"],
    ["api/throttle", { rateLimit: 0, burstLimit: 1 }, "api.throttle.rateLimit: must be above 0; raise it (found 0)"],
    ["logs/level", "TRACE", 'logs.level: must be one of "DEBUG", "INFO", "WARN", "ERROR" (found "TRACE")'],
    [`${model}/serving`, { mode: "batch" }, 'must be one of several kinds, told apart by "mode"; correct it'],
    [
      "api/usagePlans/wallet/rateLimit",
      2000,
      "api.usagePlans.wallet.rateLimit: is above api.throttle.rateLimit (1000), which all clients share, so it can never be reached; lower it or raise that (found 2000)",
    ],
    ["api/usagePlans/wallet/burstLimit", 2001, "api.usagePlans.wallet.burstLimit: is above api.throttle.burstLimit"],
    ["tags", { "aws:owner": "me" }, 'tags.aws:owner: begins with "aws:", which AWS keeps to itself; rename it'],
    ["tags", { "AWS:owner": "me" }, 'begins with "aws:"'],
    ["tags", { "cost&centre": "1" }, "may have letters, digits, spaces and _.:/=+-@ alone; rename it"],
    ["tags", { "": "1" }, "must be at least 1 characters; raise it"],
    ["tags", { ["k".repeat(129)]: "1" }, "must be at most 128 characters; lower it"],
    ["tags", { owner: "v".repeat(257) }, "tags.owner: must be at most 256 characters; lower it"],
    ["tags", { owner: "a\nb" }, "tags.owner: may have letters, digits, spaces and _.:/=+-@ alone; correct it"],
    ["tags", { owner: 1 }, "tags.owner: must be a string (found 1)"],
    ["tags", { environment: "x" }, "is a tag of the framework's own (Project, Environment, ManagedBy); rename it"],
    ["tags", { owner: "a", Owner: "b" }, "tags: has two tags that differ in capital letters alone"],
    ["tags", Object.fromEntries("abcdefgh".split("").map((key) => [key, ""])), "tags: has more than 7 tags"],
    ["drift/schedule", "rate(seven days)", "drift.schedule: wants a whole number and minutes, hours or days"],
    ["drift/captureShare", 1.5, "drift.captureShare"],
    [
      "drift",
      { ...local.drift, captureShare: 0, enabled: true },
      "drift.enabled: needs captured traffic; raise captureShare or set this to false (found true)",
    ],
    ["drift/maximumRows", 150, "drift.minimumRows: must be at most maximumRows"],
    ["drift/thresholds", { features: 1.5 }, "drift.thresholds.features: must be at most 1; lower it"],
    ["drift/thresholds", { risk: 0.8 }, "drift.thresholds.risk: must be at least 1; raise it"],
    ["drift/alarmThreshold", 0.25, "alarmThreshold"],
    ["drift", { ...local.drift, windowHours: 721 }, "drift.windowHours"],
    [`${model}/retraining/alarms`, [alarm, alarm], "has two alarms of one name; rename one"],
    [`${model}/retraining/alarms`, [{ ...alarm, periodInSeconds: 90 }], "must be whole minutes"],
    [`${model}/retraining/alarms`, [{ ...alarm, evaluationPeriods: 25 }], "CloudWatch looks back at most a day"],
    [
      `${model}/retraining/labelling`,
      { votesToAgree: 3, mostVotes: 2 },
      "retraining.labelling.mostVotes: must be at least votesToAgree, otherwise no task is ever agreed on; raise it (found 2)",
    ],
    [
      `${model}/retraining/labelling`,
      { provider: "ground-truth" },
      'retraining.labelling.groundTruth: belongs to provider "ground-truth"; give both or neither (found nothing)',
    ],
    [
      `${model}/retraining/labelling`,
      { groundTruth },
      'retraining.labelling.groundTruth: belongs to provider "ground-truth"; give both or neither',
    ],
    [
      `${model}/retraining/labelling`,
      { provider: "ground-truth", groundTruth: { ...groundTruth, workteamArn: "team" } },
      'retraining.labelling.groundTruth.workteamArn: must be the ARN of a SageMaker work team (found "team")',
    ],
    [`${model}/retraining/labelling`, { provider: "people" }, "retraining.labelling.provider"],
    [`${model}/retraining/labelling`, { precision: 0.5 }, "retraining.labelling.precision"],
    [
      `${model}/retraining/gate`,
      [{ metric: "auroc.value", better: "higher", bound: 0.6 }],
      "retraining.gate.0: is about no metric of a stake model; choose from tweedieDeviance.value, gini.value, ratioOfSums.value, mae.value, rmse, topDecileLift.value, spearman",
    ],
    [
      `${model}/retraining/gate`,
      [
        { metric: "mae.value", better: "lower", bound: 20 },
        { metric: "topDecileLift.value", better: "higher", bound: 11 },
      ],
      "retraining.gate.1: has a bound that topDecileLift.value cannot have; give one from 0 to 10",
    ],
    [
      `${model}/training`,
      { tuning: { ...tuning, parallelJobs: 5 } },
      "training.tuning.parallelJobs: must be at most maximumJobs; lower it (found 5)",
    ],
    [
      `${model}/training`,
      { tuning: { ...tuning, integers: { max_bin: { from: 32, to: 256 } } } },
      "training.tuning.integers.max_bin: is no range that SageMaker searches on the built-in image",
    ],
    [
      `${model}/training`,
      { tuning: { ...tuning, numbers: { max_depth: { from: 1.5, to: 6 } } } },
      "training.tuning.numbers.max_depth: is no range that SageMaker searches on the built-in image",
    ],
    [
      `${model}/training`,
      { tuning: { ...tuning, numbers: {} } },
      "training.tuning.numbers: searches nothing; give a range, such as numbers: { eta: { from: 0.02, to: 0.3 } }",
    ],
    [
      `${model}/training`,
      { tuning: { ...tuning, numbers: { eta: { from: 0.3, to: 0.3 } } } },
      "training.tuning.numbers.eta.to: must be above from (found 0.3)",
    ],
    [
      `${model}/serving`,
      { mode: "serverless", memorySizeInMb: 2048, maxConcurrency: 5, guardrails: {} },
      "serving.guardrails: serverless endpoints have no deployment guardrails; remove them",
    ],
    [
      `${model}/serving`,
      { mode: "serverless", memorySizeInMb: 2048, maxConcurrency: 5, networkIsolation: true },
      "serving.networkIsolation: serverless endpoints have no network isolation; remove it",
    ],
    [
      `${model}/serving/instanceType`,
      "ml.x9.large",
      'serving.instanceType: must be a SageMaker instance type such as "ml.m5.large"; correct it, or add its family',
    ],
    ["pipeline/evaluationInstanceType", "m5.large", "pipeline.evaluationInstanceType: must be a SageMaker instance"],
    [
      `${model}`,
      { ...local.models[models[0]?.name as string], image: "ecr", imageTag: "latest" },
      "imageTag: cannot be the tag of a second image, because tags of the repository never change; tag each build",
    ],
    [`${model}/image`, "ecr", 'imageTag: belongs to image "ecr"; give both or neither (found nothing)'],
    [`${model}/imageTag`, "1", 'imageTag: belongs to image "ecr"; give both or neither (found "1")'],
    [
      "functions/filter/reservedConcurrency",
      901,
      "quotas.concurrentFunctions: must be at least 100 (which Lambda keeps for all others) above the sum of every",
    ],
    [
      "quotas",
      { concurrentFunctions: 5 },
      "pipeline.prepareConcurrency: times the number of models is more functions than quotas.concurrentFunctions leaves",
    ],
    [
      "pipeline/prepareConcurrency",
      334,
      "pipeline.prepareConcurrency: times the number of models is more functions than quotas.concurrentFunctions leaves",
    ],
    [`${model}/serving/guardrails`, { canaryPercent: 51 }, "serving.guardrails.canaryPercent"],
    [`${model}/serving/guardrails`, { errorShare: 1 }, "serving.guardrails.errorShare"],
  ])("%s = %j is refused with key, reason and value", (path, value, message) => {
    expect(() => parseConfig(changed(path, value), "config/test.ts")).toThrow(message);
    expect(() => parseConfig(changed(path, value), "config/test.ts")).toThrow("config/test.ts cannot be used");
  });

  test("every kind of delivery can be configured, and only on the emulator one on this machine", () => {
    const deliveries = [{ ...webhook, url: "http://127.0.0.1:8080/hook" }, queue, chain];
    const config = changed("operators/operator-a", { clients: ["sample-wallet"], deliveries });
    const added = { ...config.operators, "operator-b": local.operators["operator-a"] } as ConfigInput["operators"];
    const given = { ...config, operators: added };
    const parsed = parseConfig(given, "config/test.ts").operators["operator-a"]?.deliveries;
    expect(parsed).toEqual([deliveries[0], queue, { ...chain, mostFeeInGwei: 100 }]);
    const elsewhere = () => parseConfig({ ...given, environment: "test" }, "config/test.ts");
    expect(elsewhere).toThrow("operators.operator-a.deliveries.0.url: is this machine itself");
    expect(elsewhere).toThrow("operators.operator-a.deliveries.2.rpcUrl: is this machine itself");
  });

  test("a message names a value, and never prints the configuration", () => {
    const wrong = changed("tags", { owner: "v".repeat(5000) });
    const lines = (input: ConfigInput) => {
      try {
        parseConfig({ ...input, unknown: 1 } as ConfigInput, "config/test.ts");
      } catch (error) {
        return (error as Error).message.split("\n").slice(1);
      }
      return [];
    };
    expect(lines(wrong).map((line) => line.length < 200)).toEqual([true, true]);
  });

  test("a mistake that all models share is said once", () => {
    const every = structuredClone(local);
    for (const settings of Object.values(every.models)) {
      (settings as { retraining: { schedule: string } }).retraining.schedule = "weekly";
    }
    const said = () => parseConfig(every, "config/test.ts");
    expect(said).toThrow(
      'config/test.ts cannot be used:\n  - models.(every).retraining.schedule: must be an EventBridge Scheduler expression such as "rate(7 days)" (found "weekly")',
    );
    expect(said).not.toThrow("models.gambling");
  });

  test("drift cannot look further back than captured traffic is kept", () => {
    const storage = { ...local.storage, dataRetentionDays: 1, noncurrentVersionDays: 1 };
    const kept = { ...local, storage, api: { ...local.api, rememberRiskForDays: 1 }, events: { archiveDays: 1 } };
    expect(() => parseConfig(kept, "config/test.ts")).not.toThrow();
    expect(() => parseConfig({ ...kept, drift: { ...kept.drift, windowHours: 25 } }, "config/test.ts")).toThrow(
      "drift.windowHours: reaches back further than storage.dataRetentionDays keeps captured traffic; lower it (found 25)",
    );
  });

  test("events cannot be archived for longer than data are kept", () => {
    const storage = { ...local.storage, dataRetentionDays: 30, noncurrentVersionDays: 30 };
    const kept = { ...local, storage, events: { archiveDays: 30 } };
    expect(() => parseConfig(kept, "config/test.ts")).not.toThrow();
    expect(() => parseConfig({ ...kept, events: { archiveDays: 31 } }, "config/test.ts")).toThrow(
      "events.archiveDays: is longer than storage.dataRetentionDays keeps anything of a player; lower it (found 31)",
    );
  });

  test("expired objects must not live on as superseded versions", () => {
    expect(() => parseConfig(changed("storage/dataRetentionDays", 90), "config/test.ts")).toThrow(
      "storage.noncurrentVersionDays: must be set where dataRetentionDays is, because what expires lives on as a superseded version (found null)",
    );
  });

  test("a run's rows outlast its labelling", () => {
    const changes = changed(`${model}/retraining/labelling`, { deadlineInSeconds: 15 * 86_400 });
    const kept = (dataRetentionDays: number) => () =>
      parseConfig(
        { ...changes, storage: { ...changes.storage, dataRetentionDays, noncurrentVersionDays: 1 } },
        "config/test.ts",
      );
    expect(kept(30)).not.toThrow();
    expect(kept(29)).toThrow("storage.dataRetentionDays: must be at least twice every model's");
  });

  test("a model's own alarms are optional, and retrain it unless told otherwise", () => {
    const { retraining } = parseConfig(changed(`${model}/retraining/alarms`, [alarm]), "config/test.ts").models[
      "gambling-behaviour-marketing"
    ] as { retraining: object };
    expect(retraining).toMatchObject({ onAlarm: true, alarms: [{ ...alarm, dimensions: {} }] });
  });

  test("an update is watched for less time than it is waited for", () => {
    expect(() => parseConfig(changed(`${model}/serving/guardrails`, { bakeInSeconds: 40 }), "config/test.ts")).toThrow(
      "pipeline.endpointDeadlineInSeconds: must be above three times every model's serving.guardrails.bakeInSeconds; raise it (found 120)",
    );
  });

  test("the trainings of a search do not share checkpoints", () => {
    const tuning = { maximumJobs: 4, parallelJobs: 2, numbers: { eta: { from: 0.02, to: 0.3 } } };
    const both = changed(`${model}/training`, { spot: true, tuning });
    expect(() => parseConfig(both, "config/test.ts")).toThrow("whose trainings would share one checkpoint");
  });

  const settingsOf = (path: string, value: unknown) =>
    parseConfig(changed(`${model}/${path}`, value), "config/test.ts").models["gambling-behaviour-marketing"];

  test("labelling, spot and guardrails are what suits most, unless told otherwise", () => {
    // An environment that leaves the guardrails alone.
    const { guardrails } = loadConfig("production").models["gambling-behaviour-marketing"]?.serving ?? {};
    expect(guardrails).toEqual({ canaryPercent: 50, bakeInSeconds: 300, errorShare: 0.05, latencyInMs: 1000 });
    expect(settingsOf("serving/networkIsolation", undefined)?.serving).toMatchObject({ networkIsolation: true });
    expect(settingsOf("training", undefined)?.training).toEqual({ networkIsolation: true, spot: false });
    expect(settingsOf("retraining/labelling", undefined)?.retraining.labelling).toEqual({
      provider: "own",
      minimumForAutomatic: 5000,
      automaticLabels: "none",
      precision: 0.95,
      confidence: 0.95,
      maximumTasks: 500,
      votesToAgree: 2,
      mostVotes: 3,
      deadlineInSeconds: 259_200,
    });
  });

  test("a new account, whose quota is small, deploys where nothing is reserved", () => {
    expect(() => parseConfig(changed("quotas", { concurrentFunctions: 10 }), "config/test.ts")).not.toThrow();
    const { functions } = loadConfig("production");
    expect([functions.filter, functions.preprocess, functions.predict].map((each) => each.reservedConcurrency)).toEqual(
      [200, 150, 150],
    );
  });

  test("production's functions fit the usual quota, with everything that runs beside requests, and 12 deliveries", () => {
    const deliveries = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ ...webhook, name: `hook-${index}` })) as never[];
    const withDeliveries = (count: number): ConfigInput => ({
      ...production,
      operators: { "operator-a": { clients: ["wallet", "operator"], deliveries: deliveries(count) } },
    });
    expect(() => parseConfig(production, "config/production.ts")).not.toThrow();
    expect(() => parseConfig(withDeliveries(12), "config/production.ts")).not.toThrow();
    expect(() => parseConfig(withDeliveries(13), "config/production.ts")).toThrow(
      /quotas.concurrentFunctions: must be at least 1005: 710 are reserved, and 295 more may run at once \(.*models: 120; .*datasets: 50; .*republish: 10; .*queues: 65; .*: 50\); ask AWS for more/,
    );
    const asked = { ...withDeliveries(13), quotas: { concurrentFunctions: 1_005 } };
    expect(() => parseConfig(asked, "config/production.ts")).not.toThrow();
  });

  test.each<[string, Partial<ConfigInput>]>([
    ["scoring", { scoring: { concurrency: 100 } }],
    ["events' queues", { events: { maximumConcurrency: 200 } }],
  ])("what %s may call at once counts where something is reserved", (_, more) => {
    expect(() => parseConfig({ ...production, ...more }, "config/production.ts")).toThrow(
      "quotas.concurrentFunctions: must be at least",
    );
  });

  test("a function that reserves calls has as many as its queue makes", () => {
    expect(() => parseConfig({ ...production, events: { maximumConcurrency: 11 } }, "config/production.ts")).toThrow(
      "functions.intervene.reservedConcurrency: must be at least events.maximumConcurrency",
    );
  });

  test("an image of our own has a tag of its own", () => {
    const settings = { ...local.models[models[0]?.name as string], image: "ecr", imageTag: "4f2a9c1" };
    expect(
      parseConfig(changed(model, settings), "config/test.ts").models["gambling-behaviour-marketing"],
    ).toMatchObject({ image: "ecr", imageTag: "4f2a9c1" });
  });

  test("a search may be over whole numbers alone, and Ground Truth may label", () => {
    const { numbers: _, ...rest } = tuning;
    const integers = { max_depth: { from: 3, to: 8 } };
    expect(settingsOf("training", { tuning: { ...rest, integers } })?.training.tuning).toEqual({
      ...rest,
      strategy: "Random",
      integers,
      numbers: {},
    });
    expect(
      settingsOf("retraining/labelling", { provider: "ground-truth", groundTruth })?.retraining.labelling,
    ).toMatchObject({ provider: "ground-truth", groundTruth });
  });

  test("all problems are named at once", () => {
    const broken = { ...changed("region", "x"), project: "X" };
    expect(() => parseConfig(broken, "config/test.ts")).toThrow(/region:[\s\S]*|project:[\s\S]*/);
    try {
      parseConfig(broken, "config/test.ts");
    } catch (error) {
      expect((error as Error).message.split("\n")).toHaveLength(3);
    }
    expect.assertions(2);
  });
});
