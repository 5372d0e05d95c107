import { datasets } from "../../catalogue/datasets";
import { REFERENCE_NAMES, REFERENCES } from "../../catalogue/drift/reference";
import { SIGNAL_NAMES } from "../../catalogue/drift/signals";
import { models } from "../../catalogue/models";
import { type Config, loadConfig } from "../../config";
import { DRIFT_METRICS } from "../../contracts/metrics";
import { Naming } from "../../modules/base/naming";
import { list, type SynthesizedStack, statements, synthesize } from "./synthesize";

const { monitoring, stepFunctions } = synthesize("production");
const names = models.map(({ name }) => name);
const NAME = "gambling-behaviour-marketing";

const permissionsOf = (id: string) => {
  const [found, ...others] = Object.entries(monitoring.all("aws_iam_role_policy")).filter(([key]) =>
    key.startsWith(id),
  );
  expect(others).toEqual([]);
  return statements(found?.[1].policy);
};
const naming = new Naming(loadConfig("production"));
const trustOf = (role: string) =>
  statements(monitoring.one("aws_iam_role", { name: naming.of("role", role) }).assume_role_policy);
const addressOf = (stack: SynthesizedStack, type: string, having: object) =>
  Object.keys(stack.all(type)).find((id) => stack.all(type)[id] === stack.one(type, { ...having }));

/** The production configuration with other settings for the retraining of one model. */
function withRetraining(change: Partial<Config["models"][string]["retraining"]>): Config {
  const config = loadConfig("production");
  const settings = config.models[NAME] as Config["models"][string];
  const retraining = { ...settings.retraining, ...change };
  return { ...config, models: { ...config.models, [NAME]: { ...settings, retraining } } };
}

describe("the measurement of drift", () => {
  test("is one function that reads captured traffic and baselines, and writes reports", () => {
    expect(monitoring.count("aws_lambda_function")).toBe(3);
    const { environment, ...lambda } = monitoring.one("aws_lambda_function", { function_name: "vwt-production-drift" });
    expect(lambda).toMatchObject({ memory_size: 1024, timeout: 600 });
    const { variables } = environment as { variables: Record<string, string> };
    expect(variables).toMatchObject({
      WINDOW_HOURS: "24",
      MINIMUM_ROWS: "1000",
      MAXIMUM_ROWS: "200000",
      TRAFFIC_REFERENCE_HOURS: "24",
      DRIFT_THRESHOLDS: JSON.stringify({ score: 0.1, features: 0.1, risk: 1.2, domain: 0.55 }),
    });
    const keys = (variable: string) => Object.keys(JSON.parse(variables[variable] as string));
    expect(keys("DATA_BUCKETS")).toEqual(datasets.map(({ name }) => name));
    expect(keys("MODEL_BUCKETS")).toEqual(names);
    expect(keys("SERVING_PARAMETERS")).toEqual(names);
  });

  test("may do just that", () => {
    const granted = permissionsOf("drift_role_policy");
    const resources = (action: string) =>
      granted
        .filter(({ Action }) => list(Action).includes(action))
        .flatMap(({ Resource }) => list(Resource))
        .map((resource) => resource.replace(/\$\{[^}]*\}/, ""));
    const times = <T>(count: number, value: T) => Array<T>(count).fill(value);
    expect(resources("s3:GetObject").sort()).toEqual([
      ...times(2, "/captured/*"),
      ...times(3, "/rows/*/reference/traffic.json"),
      ...times(3, "/rows/*/reference/training.json"),
      ...times(3, "/runs/*/evaluation/baseline.json"),
      ...times(3, "/runs/*/traffic/reference.json"),
    ]);
    expect(resources("s3:PutObject").sort()).toEqual([
      ...times(3, "/drift/*"),
      ...times(3, "/rows/*/reference/traffic.json"),
      ...times(3, "/runs/*/traffic/reference.json"),
    ]);
    expect(resources("s3:ListBucket")).toHaveLength(5);
    expect(resources("ssm:GetParameter")).toHaveLength(3);
    expect(
      [...new Set(granted.flatMap(({ Action }) => list(Action)))]
        .filter((action) => !/^(xray|logs):/.test(action))
        .sort(),
    ).toEqual([
      "kms:Decrypt",
      "kms:GenerateDataKey",
      "s3:GetObject",
      "s3:ListBucket",
      "s3:PutObject",
      "sqs:SendMessage",
      "ssm:GetParameter",
    ]);
  });

  test("is not alone: people hear when a model is suppressed because nobody can tell who was at risk", () => {
    const alarms = Object.values(monitoring.all("aws_cloudwatch_metric_alarm"));
    expect(alarms.filter(({ metric_name }) => metric_name === "HistoryErrors")).toEqual([
      expect.objectContaining({
        alarm_name: `vwt-production-${NAME}-history`,
        namespace: "VWT",
        dimensions: { service: "predict", environment: "production", dataset: "gambling-behaviour" },
        statistic: "Sum",
        comparison_operator: "GreaterThanThreshold",
        threshold: 0,
        period: 300,
        evaluation_periods: 2,
        treat_missing_data: "notBreaching",
        alarm_actions: [expect.stringMatching(/sns/)],
      }),
    ]);
  });

  test("is not alone: people hear when nobody reviews", () => {
    const alarms = Object.values(monitoring.all("aws_cloudwatch_metric_alarm"));
    expect(alarms.filter(({ metric_name }) => metric_name === "ReviewsOverdue")).toEqual([
      expect.objectContaining({
        alarm_name: "vwt-production-operator-a-reviews",
        dimensions: { service: "watch-reviews", environment: "production", operator: "operator-a" },
        threshold: 0,
        treat_missing_data: "ignore",
        alarm_actions: [expect.stringMatching(/sns/)],
      }),
    ]);
    expect(monitoring.one("aws_scheduler_schedule", { description: "Overdue reviews" })).toMatchObject({
      schedule_expression: "rate(1 hour)",
      target: {
        arn: expect.stringMatching(/^\$\{aws_lambda_alias\.watch-reviews_live_\w+\.arn\}$/),
        role_arn: expect.stringMatching(/^\$\{aws_iam_role\.reviews-schedule-role_/),
      },
    });
    const granted = permissionsOf("watch-reviews_role_policy").filter(
      ({ Action }) => !/^(logs|xray)/.test(list(Action)[0] ?? ""),
    );
    expect(granted.flatMap(({ Action }) => list(Action)).sort()).toEqual([
      ...["dynamodb:Query", "kms:Decrypt", "kms:GenerateDataKey", "sqs:SendMessage"],
    ]);
    expect(list(granted.find(({ Action }) => list(Action).includes("dynamodb:Query"))?.Resource)).toEqual([
      expect.stringMatching(/\/index\/reviews$/),
    ]);
  });

  test("is not alone: the heads of audit logs are kept every day, by a function that can write nothing else", () => {
    expect(monitoring.one("aws_scheduler_schedule", { description: "Heads of audit logs" })).toMatchObject({
      schedule_expression: "cron(15 0 * * ? *)",
      target: {
        arn: expect.stringMatching(/^\$\{aws_lambda_alias\.anchor-audit_live_\w+\.arn\}$/),
        role_arn: expect.stringMatching(/^\$\{aws_iam_role\.audit-schedule-role_/),
      },
    });
    const granted = permissionsOf("anchor-audit_role_policy")
      .filter(({ Action }) => !/^(logs|xray)/.test(list(Action)[0] ?? ""))
      .map(({ Action, Resource }) => [list(Action), list(Resource)]);
    expect(granted).toEqual([
      [["dynamodb:GetItem"], [expect.stringMatching(/aws_dynamodb_table_?audit/)]],
      [["kms:Decrypt", "kms:GenerateDataKey"], [expect.stringMatching(/kms/)]],
      // Without `s3:PutObjectRetention` it can neither lift a lock nor choose one.
      [["s3:PutObject"], [expect.stringMatching(/audit-heads.*\/heads\/\*$/)]],
      [["sqs:SendMessage"], [expect.stringMatching(/:vwt-production-undelivered$/)]],
    ]);
  });

  test.each(names)("of %s has a schedule", (name) => {
    const schedule = monitoring.one("aws_scheduler_schedule", { description: `Drift of ${name}` });
    expect(schedule).toMatchObject({
      schedule_expression: "rate(1 day)",
      state: "ENABLED",
      target: {
        arn: expect.stringMatching(/^\$\{aws_lambda_alias\.drift_live_\w+\.arn\}$/),
        role_arn: expect.stringMatching(/^\$\{aws_iam_role\.drift-schedule-role_/),
        input: JSON.stringify({ model: name }),
      },
    });
  });

  test("is started by a role that can do nothing else", () => {
    expect(permissionsOf("drift-schedule-role_policy")).toMatchObject([
      { Action: ["lambda:InvokeFunction"] },
      { Action: ["sqs:SendMessage"], Resource: [expect.stringMatching(/:vwt-production-undelivered$/)] },
      { Action: ["kms:Decrypt", "kms:GenerateDataKey"] },
    ]);
    expect(trustOf("drift-schedule")).toMatchObject([
      {
        Principal: { Service: "scheduler.amazonaws.com" },
        Condition: { StringEquals: { "aws:SourceAccount": "000000000000" } },
      },
    ]);
  });

  test("rests where the configuration says so", () => {
    const { monitoring: local } = synthesize("local");
    const drift = Object.values(local.all("aws_scheduler_schedule")).filter(({ description }) =>
      String(description).startsWith("Drift"),
    );
    expect(drift.map(({ state }) => state)).toEqual(names.map(() => "DISABLED"));
  });
});

describe("alarms", () => {
  const MEASURED = {
    namespace: "VWT",
    statistic: "Maximum",
    comparison_operator: "GreaterThanThreshold",
    period: 300,
    evaluation_periods: 1,
    // What was not measured neither sets an alarm off nor ends it.
    treat_missing_data: "ignore",
  };
  const thresholds = { score: 0.1, features: 0.1, risk: 1.2, domain: 0.55 };
  const signals = REFERENCE_NAMES.flatMap((reference) => SIGNAL_NAMES.map((signal) => ({ reference, signal })));

  test.each(signals)("on $signal from $reference tell people, of each model that has it", ({ reference, signal }) => {
    for (const { name, riskThresholds } of models) {
      const alarm_name = `vwt-production-${name}-drift-${reference}-${signal}`;
      if (signal === "risk" && riskThresholds === undefined) {
        expect(monitoring.addresses.join()).not.toContain(`${name}_drift-${reference}-${signal}`);
        continue;
      }
      expect(monitoring.one("aws_cloudwatch_metric_alarm", { alarm_name })).toMatchObject({
        ...MEASURED,
        metric_name: DRIFT_METRICS[reference][signal],
        dimensions: { service: "drift", environment: "production", model: name },
        threshold: thresholds[signal],
        alarm_description: expect.stringContaining(REFERENCES[reference].differs),
        alarm_actions: [expect.stringMatching(/^\$\{data\.terraform_remote_state\..*aws_sns_topic/)],
      });
    }
  });

  test.each(names)("%s has one on any of them, which tells nobody again", (name) => {
    const alarm = monitoring.one("aws_cloudwatch_metric_alarm", { alarm_name: `vwt-production-${name}-drift` });
    expect(alarm).toMatchObject({
      ...MEASURED,
      metric_name: "DriftSignals",
      dimensions: { service: "drift", environment: "production", model: name },
      threshold: 0,
    });
    expect(alarm).not.toHaveProperty("alarm_actions");
  });

  test.each(names)("an alarm of %s that goes off starts the main state machine for it", (name) => {
    const alarm = addressOf(monitoring, "aws_cloudwatch_metric_alarm", { alarm_name: `vwt-production-${name}-drift` });
    const rule = monitoring.one("aws_cloudwatch_event_rule", { description: `An alarm of ${name} retrains it` });
    expect(JSON.parse(rule.event_pattern as string)).toEqual({
      source: ["aws.cloudwatch"],
      "detail-type": ["CloudWatch Alarm State Change"],
      detail: { alarmName: [`\${aws_cloudwatch_metric_alarm.${alarm}.alarm_name}`], state: { value: ["ALARM"] } },
    });
    const ruleId = addressOf(monitoring, "aws_cloudwatch_event_rule", { description: rule.description });
    const target = monitoring.one("aws_cloudwatch_event_target", {
      rule: `\${aws_cloudwatch_event_rule.${ruleId}.name}`,
    });
    expect(target).toMatchObject({
      arn: expect.stringMatching(/^\$\{data\.terraform_remote_state\..*aws_sfn_state_machine/),
      role_arn: expect.stringMatching(/^\$\{aws_iam_role\.alarm-role_/),
      input: JSON.stringify({ models: [{ model: name, trigger: "alarm" }] }),
    });
  });

  test("there is nothing beside: a rule and a target per model, an alarm more than it has signals, and those on losses", () => {
    for (const type of ["event_rule", "event_target"]) {
      expect([type, monitoring.count(`aws_cloudwatch_${type}`)]).toEqual([type, names.length]);
    }
    // One model has a history, two datasets have events, and one operator has reviews.
    expect(monitoring.count("aws_cloudwatch_metric_alarm")).toBe(9 + 9 + 7 + 1 + 2 + 1);
  });

  test("their role starts the main state machine and nothing else", () => {
    const [{ Action, Resource } = {}, ...others] = permissionsOf("alarm-role_policy");
    expect([Action, others]).toEqual([["states:StartExecution"], []]);
    const { arn } = Object.values(monitoring.all("aws_cloudwatch_event_target"))[0] as { arn: string };
    expect(list(Resource)).toEqual([arn]);
    expect(stepFunctions.count("aws_sfn_state_machine")).toBe(1);
    expect(trustOf("alarm")).toMatchObject([
      {
        Principal: { Service: "events.amazonaws.com" },
        Condition: { StringEquals: { "aws:SourceAccount": "000000000000" } },
      },
    ]);
  });

  test("a model's own alarms retrain it too", () => {
    const { monitoring: own } = synthesize(
      withRetraining({
        alarms: [
          {
            name: "complaints",
            namespace: "Wallet",
            metric: "Complaints",
            dimensions: { Country: "NL" },
            statistic: "Sum",
            threshold: 10,
            comparison: "GreaterThanOrEqualToThreshold",
            periodInSeconds: 3600,
            evaluationPeriods: 2,
          },
        ],
      }),
    );
    const alarm_name = `vwt-production-${NAME}-retrain-complaints`;
    expect(own.one("aws_cloudwatch_metric_alarm", { alarm_name })).toMatchObject({
      namespace: "Wallet",
      metric_name: "Complaints",
      dimensions: { Country: "NL" },
      statistic: "Sum",
      threshold: 10,
      comparison_operator: "GreaterThanOrEqualToThreshold",
      period: 3600,
      evaluation_periods: 2,
      treat_missing_data: "ignore",
      alarm_actions: [expect.stringContaining("aws_sns_topic")],
    });
    const rule = own.one("aws_cloudwatch_event_rule", { description: `An alarm of ${NAME} retrains it` });
    const { detail } = JSON.parse(rule.event_pattern as string) as { detail: { alarmName: string[] } };
    const complaints = addressOf(own, "aws_cloudwatch_metric_alarm", { alarm_name });
    expect(detail.alarmName).toHaveLength(2);
    expect(detail.alarmName).toContain(`\${aws_cloudwatch_metric_alarm.${complaints}.alarm_name}`);
  });

  test("with onAlarm false they are there, and start nothing", () => {
    const { monitoring: silent } = synthesize(withRetraining({ onAlarm: false }));
    expect(silent.one("aws_cloudwatch_metric_alarm", { alarm_name: `vwt-production-${NAME}-drift` })).toBeDefined();
    expect(silent.count("aws_cloudwatch_event_rule")).toBe(names.length - 1);
    expect(silent.addresses.filter((address) => address.includes("event") && address.includes(NAME))).toEqual([]);
  });

  test("without captured traffic there is nothing to measure, and the schedules rest", () => {
    const config = loadConfig("production");
    const { monitoring: blind } = synthesize({
      ...config,
      drift: { ...config.drift, captureShare: 0, enabled: false },
    });
    const schedules = Object.values(blind.all("aws_scheduler_schedule"));
    const resting = schedules.filter(({ state }) => state === "DISABLED").map(({ description }) => description);
    expect(resting.toSorted()).toEqual(names.map((name) => `Drift of ${name}`).toSorted());
  });
});
