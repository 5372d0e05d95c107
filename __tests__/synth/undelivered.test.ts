import { list, statements, synthesize } from "./synthesize";

const { all, monitoring, storage, stepFunctions } = synthesize("production");
const HERE = "eu-west-1:000000000000";
const QUEUE = `arn:aws:sqs:${HERE}:vwt-production-undelivered`;

test("schedules and what they ask may send there", () => {
  const services = new Set(
    all.flatMap((stack) =>
      Object.values(stack.all("aws_iam_role")).flatMap(({ assume_role_policy, name }) =>
        statements(assume_role_policy).flatMap(({ Principal }) =>
          (Principal as { Service: string }).Service === "scheduler.amazonaws.com" ? [name] : [],
        ),
      ),
    ),
  );
  const senders = all.flatMap((stack) =>
    Object.values(stack.all("aws_iam_role_policy")).filter(({ policy }) =>
      statements(policy).some(
        ({ Action, Resource }) => list(Action).includes("sqs:SendMessage") && list(Resource)[0] === QUEUE,
      ),
    ),
  );
  // Four are functions that are asked asynchronously: three by their schedules, await-approval by a rule.
  expect([services.size, senders.length]).toEqual([5, 9]);
  for (const lambda of Object.values(monitoring.all("aws_lambda_function"))) {
    expect(lambda).toMatchObject({ dead_letter_config: { target_arn: QUEUE } });
  }
});

test("the queue takes only from rules of this environment, and its alarm tells people", () => {
  const queue = stepFunctions.one("aws_sqs_queue");
  expect(queue).toMatchObject({
    name: "vwt-production-undelivered",
    message_retention_seconds: 14 * 24 * 3600,
  });
  expect(statements(queue.policy)).toEqual([
    {
      Sid: "RulesOfThisEnvironment",
      Effect: "Allow",
      Principal: { Service: "events.amazonaws.com" },
      Action: "sqs:SendMessage",
      Resource: QUEUE,
      Condition: { ArnLike: { "aws:SourceArn": `arn:aws:events:${HERE}:rule/vwt-production-*` } },
    },
  ]);
  expect(stepFunctions.one("aws_cloudwatch_metric_alarm")).toMatchObject({
    namespace: "AWS/SQS",
    metric_name: "ApproximateNumberOfMessagesVisible",
    dimensions: { QueueName: "vwt-production-undelivered" },
    alarm_actions: [expect.stringMatching(/^\$\{aws_sns_topic\./)],
  });
});

test("people hear of executions that ended without telling, and of no others", () => {
  const rule = stepFunctions.one("aws_cloudwatch_event_rule", { name: "vwt-production-execution-ended" });
  expect(JSON.parse(rule.event_pattern as string)).toEqual({
    source: ["aws.states"],
    "detail-type": ["Step Functions Execution Status Change"],
    detail: {
      stateMachineArn: [expect.stringMatching(/^\$\{aws_sfn_state_machine\./)],
      $or: [
        { status: ["TIMED_OUT", "ABORTED"] },
        { status: ["FAILED"], error: [{ "anything-but": ["RetrainingFailed"] }, { exists: false }, null] },
      ],
    },
  });
  // The error of executions whose models have told people themselves.
  const { definition } = stepFunctions.one("aws_sfn_state_machine") as { definition: string };
  expect(JSON.parse(definition).States["Run failed"]).toMatchObject({ Type: "Fail", Error: "RetrainingFailed" });
});

test("only our rules and our alarms publish without a role, and the key lets both services encrypt", () => {
  const allowed = statements(stepFunctions.one("aws_sns_topic_policy").policy);
  expect(allowed).toEqual(
    [
      ["cloudwatch.amazonaws.com", /^arn:aws:cloudwatch:eu-west-1:000000000000:alarm:vwt-production-\*$/],
      ["events.amazonaws.com", /^arn:aws:events:eu-west-1:000000000000:rule\/vwt-production-\*-ended$/],
    ].map(([Service, source]) => ({
      Effect: "Allow",
      Principal: { Service },
      Action: "sns:Publish",
      Resource: expect.stringMatching(/^\$\{aws_sns_topic\./),
      Condition: { ArnLike: { "aws:SourceArn": expect.stringMatching(source as RegExp) } },
    })),
  );
  expect(statements(storage.one("aws_kms_key").policy)).toContainEqual(
    expect.objectContaining({
      Principal: { Service: ["events.amazonaws.com", "cloudwatch.amazonaws.com"] },
      Action: ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*"],
    }),
  );
});
