import { type Config, loadConfig, parseConfig } from "../../config";
import { local } from "../../config/local";
import { deliverySettings, MOST_AGE, MOST_PAUSE, receiptsWithin } from "../../contracts/deliveries";
import { parseJson } from "../../contracts/parse";
import { list, rolePolicyOf, type SynthesizedStack, statements, synthesize } from "./synthesize";

const HERE = "eu-west-1:000000000000";
const QUEUE = "vwt-local-delivery-operator-a_wallet";
const { operators } = synthesize("local");
const policyOf = (stack: SynthesizedStack) => rolePolicyOf(stack, "deliver");

test("events of an operator's players come to its delivery's queue, and no others'", () => {
  const rule = operators.one("aws_cloudwatch_event_rule", { name: QUEUE });
  expect(JSON.parse(rule.event_pattern as string)).toEqual({
    source: ["vwt"],
    "detail-type": ["InterventionDecided", "InterventionChanged", "MarketingSuppressed"],
    detail: { operatorId: ["operator-a"] },
  });
});

test("a queue gives a message up later than the function does, and has its alarm", () => {
  const { redrive_policy, visibility_timeout_seconds } = operators.one("aws_sqs_queue", { name: QUEUE });
  const attempts = receiptsWithin({ first: 1, longest: 4, within: 10 });
  expect(JSON.parse(redrive_policy as string)).toMatchObject({ maxReceiveCount: attempts + 10 });
  expect(visibility_timeout_seconds).toBe(6 * 60);
  expect(operators.one("aws_cloudwatch_metric_alarm", { alarm_name: `${QUEUE}-dead` })).toMatchObject({
    dimensions: { QueueName: `${QUEUE}-dead` },
    alarm_actions: [`arn:aws:sns:${HERE}:vwt-local-retraining`],
  });
  expect(operators.one("aws_cloudwatch_metric_alarm", { alarm_name: `${QUEUE}-age` })).toMatchObject({
    metric_name: "ApproximateAgeOfOldestMessage",
    dimensions: { QueueName: QUEUE },
    threshold: 20,
  });
});

test("the function reads how to deliver from a parameter that has the queue's name", () => {
  const read = (queue: string) =>
    parseJson(
      deliverySettings,
      operators.one("aws_ssm_parameter", { name: `/vwt/local/deliveries/${queue}` }).value as string,
      queue,
    );
  expect(read(QUEUE)).toEqual({
    operatorId: "operator-a",
    name: "wallet",
    deadLetters: `arn:aws:sqs:${HERE}:${QUEUE}-dead`,
    kind: "webhook",
    url: "http://127.0.0.1:4580/webhooks",
    secret: expect.stringMatching(/^\$\{aws_secretsmanager_secret\./),
  });
  expect(read("vwt-local-delivery-operator-b_wallet")).toMatchObject({
    kind: "queue",
    queue: `arn:aws:sqs:${HERE}:operator-b-wallet.fifo`,
  });
});

test("a webhook's first secret is in no state, and none is destroyed at once where data are kept", () => {
  const name = `/vwt/local/deliveries/${QUEUE}`;
  const [id] =
    Object.entries(operators.all("aws_secretsmanager_secret")).find(([, secret]) => secret.name === name) ?? [];
  const { secret_string_wo, ...version } = operators.one("aws_secretsmanager_secret_version", {
    secret_id: `\${aws_secretsmanager_secret.${id}.id}`,
  });
  expect(secret_string_wo).toMatch(
    /^\$\{join\("", \["whsec_", base64sha256\(join\("", \[uuid\(\), uuid\(\)\]\)\)\]\)\}$/,
  );
  expect(version).not.toHaveProperty("secret_string");
  expect(operators.one("aws_secretsmanager_secret", { name })).toMatchObject({
    kms_key_id: expect.stringMatching(/aws_kms_key/),
    recovery_window_in_days: 0,
  });
  const config = loadConfig("local");
  const kept = synthesize({ ...config, storage: { ...config.storage, destroyable: false } });
  expect(kept.operators.one("aws_secretsmanager_secret", { name })).toMatchObject({ recovery_window_in_days: 30 });
});

test("receivers that are left alone are told of, by kind", () => {
  expect(operators.one("aws_cloudwatch_metric_alarm", { alarm_name: "vwt-local-circuits-webhook" })).toMatchObject({
    namespace: "VWT",
    metric_name: "CircuitsOpened",
    dimensions: { service: "deliver", environment: "local", delivery: "webhook" },
  });
});

describe("with two hundred operators", () => {
  const config = loadConfig("local");
  // As long as ids may be, and longer than names of queues.
  const named = (index: number) => `operator:${index}.${"e".repeat(100)}xample`;
  const many: Config["operators"] = Object.fromEntries(
    Array.from({ length: 200 }, (_, index) => [
      named(index),
      {
        ...(config.operators["operator-a"] as Config["operators"][string]),
        deliveries: [{ kind: "webhook", name: "wallet", url: "http://127.0.0.1:4580/webhooks" }],
      },
    ]),
  );
  const { operators: stack } = synthesize({ ...config, operators: many });
  const few = synthesize({ ...config, operators: { [named(0)]: many[named(0)] as Config["operators"][string] } });

  test("the function's variables and its role's policy are as with one", () => {
    // Two of each delivery, and one of all archives.
    expect(stack.count("aws_sqs_queue")).toBe(401);
    const variables = (of: SynthesizedStack) =>
      of.one("aws_lambda_function", { function_name: "vwt-local-deliver" }).environment;
    expect(variables(stack)).toEqual(variables(few.operators));
    expect(policyOf(stack)).toBe(policyOf(few.operators));
  });

  test("names are each their own, and such as SQS takes", () => {
    const names = Object.values(stack.all("aws_sqs_queue")).map(({ name }) => String(name));
    expect(new Set(names).size).toBe(401);
    expect(names.filter((name) => !/^[A-Za-z0-9_-]{1,80}$/.test(name))).toEqual([]);
    expect(names.filter((name) => name.endsWith("_wallet-dead"))).toHaveLength(200);
  });
});

test("the role may do with queues what it must, and what operators' own policies let it", () => {
  const allowed = statements(policyOf(operators));
  const on = (action: string) =>
    allowed.filter(({ Action }) => list(Action).includes(action)).flatMap(({ Resource }) => list(Resource));
  const ours = `arn:aws:sqs:${HERE}:vwt-local-delivery-*`;
  expect(on("sqs:SendMessage").sort()).toEqual([`arn:aws:sqs:${HERE}:operator-b-wallet.fifo`, `${ours}-dead`]);
  expect(on("sqs:ChangeMessageVisibility")).toEqual([ours]);
  expect(on("secretsmanager:GetSecretValue")).toEqual([
    `arn:aws:secretsmanager:${HERE}:secret:/vwt/local/deliveries/vwt-local-delivery-*`,
  ]);
});

test.each([
  [{ callTimeoutInSeconds: 26 }, "delivery.callTimeoutInSeconds: must leave functions.deliver.timeoutInSeconds twice"],
  [
    { retryForInSeconds: 86_400, longestRetryInSeconds: 60 },
    "delivery.longestRetryInSeconds: makes more than the 990 attempts that a queue counts",
  ],
])("settings that cannot be kept are refused: %j", (delivery, message) => {
  expect(() => parseConfig({ ...local, delivery }, "config/local.ts")).toThrow(message);
});

test.each(["deliver", "write-chain", "intervene"] as const)(
  "%s may not take so long that SQS forgets what it is handed",
  (name) => {
    const functions = { ...local.functions, [name]: { memoryInMb: 512, timeoutInSeconds: 900 } };
    const config = {
      ...local,
      delivery: { webhooksTo: "loopback" as const },
      events: { maxReceives: 1_000 },
      functions,
    };
    expect(() => parseConfig(config, "config/local.ts")).toThrow(
      new RegExp(
        `functions.${name}.timeoutInSeconds: and \\d+ receipts let a message be \\d+ days old, of which its queue keeps it for 10`,
      ),
    );
  },
);

test("a message is tried for long enough, and given up while its queue still keeps it for days", () => {
  const { message_retention_seconds } = operators.one("aws_sqs_queue", { name: QUEUE });
  expect(message_retention_seconds).toBeGreaterThanOrEqual((MOST_AGE + MOST_PAUSE) * 2);
});

test("webhooks to this machine are the emulator's alone", () => {
  const delivery = { webhooksTo: "loopback" as const };
  expect(() => parseConfig({ ...local, environment: "development", delivery }, "config/development.ts")).toThrow(
    "delivery.webhooksTo: is for the emulator; take it out",
  );
});
