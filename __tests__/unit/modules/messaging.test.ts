import { App, Testing } from "cdktf";
import { loadConfig } from "../../../config";
import { BaseStack } from "../../../modules/base/base-stack";
import type { NodeFunction } from "../../../modules/functions/node-function";
import { ServiceRole } from "../../../modules/identity/iam";
import { EventBus } from "../../../modules/messaging/event-bus";
import { EventQueue } from "../../../modules/messaging/event-queue";
import { StreamSource } from "../../../modules/messaging/stream-source";
import { EncryptionKey } from "../../../modules/storage/encryption-key";

class Stack extends BaseStack {
  readonly key = new EncryptionKey(this, "key", { alias: "k", description: "k", deletionWindowInDays: 7 });
}

/** The resources of a stack that `make` fills, for a function of 30 seconds. */
function resourcesOf(make: (stack: Stack, consumer: NodeFunction) => void) {
  const stack = new Stack(new App(), "messages", loadConfig("local"));
  const role = new ServiceRole(stack, "role", { name: "r", description: "r", service: "lambda.amazonaws.com" });
  make(stack, { role, liveArn: "arn:live", functionName: "reads", timeoutInSeconds: 30 } as NodeFunction);
  const { resource } = JSON.parse(Testing.synth(stack));
  return (type: string, id = "") => {
    const found = Object.entries(resource[type] ?? {}).find(([name]) => name.includes(id));
    return found?.[1] as Record<string, unknown>;
  };
}
const common = { says: "It fails", topicArn: "arn:topic" };
const HERE = "eu-west-1:000000000000";

test("a queue before a function gets the events of its rule, and hands them over in batches", () => {
  const made = resourcesOf((stack, consumer) => {
    const bus = new EventBus(stack, "bus", { name: "vwt-local-events", archiveDays: 7 });
    new EventQueue(stack, "deliveries", {
      ...{ ...common, name: "delivery-a-hook", consumer, maxReceives: 8, maximumConcurrency: 3, batch: { size: 5 } },
      from: { bus, events: ["InterventionDecided"], detail: { operatorId: ["a"] } },
    });
  });
  const queueArn = `arn:aws:sqs:${HERE}:vwt-local-delivery-a-hook`;
  const bus = expect.stringMatching(/^\$\{aws_cloudwatch_event_bus\./);
  const rule = made("aws_cloudwatch_event_rule");
  expect(rule).toMatchObject({ name: "vwt-local-delivery-a-hook", event_bus_name: bus });
  expect(JSON.parse(rule.event_pattern as string)).toEqual({
    source: ["vwt"],
    "detail-type": ["InterventionDecided"],
    detail: { operatorId: ["a"] },
  });
  expect(made("aws_cloudwatch_event_target")).toMatchObject({
    event_bus_name: bus,
    dead_letter_config: { arn: `${queueArn}-dead` },
    retry_policy: { maximum_event_age_in_seconds: 86_400 },
  });
  for (const [id, arn] of [
    ["deliveries_queue", queueArn],
    ["deliveries_dead", `${queueArn}-dead`],
  ] as const) {
    const { Statement } = JSON.parse(made("aws_sqs_queue", id).policy as string);
    expect(Statement).toMatchObject([
      {
        Principal: { Service: "events.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: arn,
        Condition: {
          ArnLike: { "aws:SourceArn": `arn:aws:events:${HERE}:rule/vwt-local-events/vwt-local-delivery-a-hook` },
        },
      },
    ]);
  }
  expect(JSON.parse(made("aws_sqs_queue", "deliveries_queue").redrive_policy as string)).toMatchObject({
    maxReceiveCount: 8,
  });
  expect(made("aws_sqs_queue", "deliveries_queue")).toMatchObject({
    ...{ message_retention_seconds: 10 * 86_400, visibility_timeout_seconds: 180 },
  });
  expect(made("aws_cloudwatch_metric_alarm", "deliveries_age")).toMatchObject({
    ...{ namespace: "AWS/SQS", metric_name: "ApproximateAgeOfOldestMessage", threshold: 3_600 },
    ...{ dimensions: { QueueName: "vwt-local-delivery-a-hook" }, alarm_actions: ["arn:topic"] },
  });
  expect(made("aws_lambda_event_source_mapping")).toMatchObject({
    ...{ function_name: "arn:live", batch_size: 5, scaling_config: { maximum_concurrency: 3 } },
  });
});

test("a stream hands over what its pattern says, from the beginning, and keeps where it gave up", () => {
  const made = resourcesOf((stack, consumer) => {
    const pattern = { eventName: ["INSERT"], dynamodb: { Keys: { item: { S: [{ prefix: "change#" }] } } } };
    const streamArn = `arn:aws:dynamodb:${HERE}:table/players/stream/now`;
    new StreamSource(stack, "stream", {
      ...common,
      name: "decisions",
      streamArn,
      consumer,
      pattern,
      maximumRetries: 9,
    });
  });
  expect(made("aws_lambda_event_source_mapping")).toMatchObject({
    ...{ starting_position: "TRIM_HORIZON", bisect_batch_on_function_error: true, maximum_retry_attempts: 9 },
    function_response_types: ["ReportBatchItemFailures"],
    filter_criteria: {
      filter: [{ pattern: '{"eventName":["INSERT"],"dynamodb":{"Keys":{"item":{"S":[{"prefix":"change#"}]}}}}' }],
    },
    destination_config: { on_failure: { destination_arn: expect.stringMatching(/^\$\{aws_sqs_queue\.stream_dead/) } },
  });
  // A day later, what it is behind by is gone.
  expect(made("aws_cloudwatch_metric_alarm", "stream_age")).toMatchObject({
    ...{ namespace: "AWS/Lambda", metric_name: "IteratorAge", threshold: 900_000, treat_missing_data: "notBreaching" },
    ...{ dimensions: { FunctionName: "reads" }, alarm_actions: ["arn:topic"] },
  });
  const { policy } = made("aws_iam_role_policy");
  for (const action of ["dynamodb:GetRecords", "dynamodb:ListStreams", "sqs:SendMessage", "kms:Decrypt"]) {
    expect(policy).toContain(action);
  }
});
