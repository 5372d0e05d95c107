import { list, type SynthesizedStack, statements } from "../synthesize";
import { type Attributes, differs, type Judgement, type Rule, reference, resources } from "./rule";

/** The actions by which Lambda reads in the function's name (its guide, "services-sqs-configure" and "services-ddb"). */
const NEEDS = {
  queue: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
  stream: ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"],
} as const;

const QUEUE = {
  event_source_arn: reference("aws_sqs_queue.work.arn"),
  function_name: reference("aws_lambda_alias.worker_live_1.arn"),
  function_response_types: ["ReportBatchItemFailures"],
  scaling_config: { maximum_concurrency: 10 },
};
const STREAM = {
  event_source_arn: reference("aws_dynamodb_table.players.stream_arn"),
  function_name: QUEUE.function_name,
  function_response_types: QUEUE.function_response_types,
  bisect_batch_on_function_error: true,
  maximum_retry_attempts: 100,
  destination_config: { on_failure: { destination_arn: reference("aws_sqs_queue.dead.arn") } },
};
const system = (source: Attributes, actions: readonly string[] = [...NEEDS.queue, ...NEEDS.stream], visible = 180) => ({
  resource: {
    aws_lambda_event_source_mapping: { one: source },
    aws_lambda_function: { worker_function_1: { timeout: 30 } },
    aws_sqs_queue: { work: { visibility_timeout_seconds: visible } },
    aws_iam_role_policy: {
      worker_role_policy_1: {
        policy: JSON.stringify({ Statement: [{ Effect: "Allow", Action: actions, Resource: "arn:something" }] }),
      },
    },
  },
});

/** Finds what belongs to the function that an alias is of: ids begin with the function's name. */
const own = (stack: SynthesizedStack, type: string, name: string, part: string): Attributes | undefined =>
  Object.entries(stack.all(type)).find(([id]) => id.startsWith(`${name}_${part}`))?.[1];

function wrong(stack: SynthesizedStack, source: Attributes): string | undefined {
  const [, name = ""] = /^\$\{aws_lambda_alias\.([\w-]+)_live_\w+\.arn\}$/.exec(String(source.function_name)) ?? [];
  const lambda = own(stack, "aws_lambda_function", name, "function_");
  const policy = own(stack, "aws_iam_role_policy", name, "role_policy_")?.policy;
  if (lambda === undefined || policy === undefined) return "has no function";
  const [, queue] = /^\$\{aws_sqs_queue\.([\w-]+)\.arn\}$/.exec(String(source.event_source_arn)) ?? [];
  const granted = statements(policy).flatMap(({ Action }) => list(Action));
  const lacks = NEEDS[queue === undefined ? "stream" : "queue"].filter((action) => !granted.includes(action));
  if (lacks.length > 0) return `may not ${lacks.join(", ")}`;
  const answers = { function_response_types: ["ReportBatchItemFailures"] };
  if (queue === undefined) {
    const { maximum_retry_attempts: tries, destination_config: kept } = source;
    if (!(Number(tries) > 0)) return "tries for ever, while others wait";
    if (kept === undefined) return "drops what it gives up";
    return differs(source, { ...answers, bisect_batch_on_function_error: true });
  }
  if (!Number((source.scaling_config as Attributes | undefined)?.maximum_concurrency)) return "may take all functions";
  const visible = stack.all("aws_sqs_queue")[queue]?.visibility_timeout_seconds as number;
  if (visible < 6 * (lambda.timeout as number)) return `sees a message again after ${visible} s`;
  return differs(source, answers);
}

/** Whatever feeds a function fits it, may read in its name, brings back what failed alone, and gives up in the end. */
export const sourceFitsItsFunction: Rule = {
  judge: (stacks) =>
    resources(stacks, "aws_lambda_event_source_mapping").map(
      ({ stack, address, attributes }): Judgement => [address, wrong(stack, attributes)],
    ),
  keeps: { resource: { ...system(QUEUE).resource, aws_lambda_event_source_mapping: { one: QUEUE, two: STREAM } } },
  breaks: {
    "has no function": system({ ...QUEUE, function_name: "arn:other" }),
    "may not sqs:DeleteMessage, sqs:GetQueueAttributes": system(QUEUE, ["sqs:ReceiveMessage"]),
    "may not dynamodb:ListStreams": system(STREAM, NEEDS.stream.slice(0, 3)),
    "may take all functions": system({ ...QUEUE, scaling_config: undefined }),
    "sees a message again after 179 s": system(QUEUE, undefined, 179),
    "function_response_types is undefined": system({ ...QUEUE, function_response_types: undefined }),
    "tries for ever, while others wait": system({ ...STREAM, maximum_retry_attempts: -1 }),
    "drops what it gives up": system({ ...STREAM, destination_config: undefined }),
    "bisect_batch_on_function_error is undefined": system({ ...STREAM, bisect_batch_on_function_error: undefined }),
  },
  least: 1,
};
