import { type Attributes, type Judgement, type Rule, reference, resources } from "./rule";

/** Names of queues that keep what others could not handle. */
const DEAD = /-dead$|-undelivered$/;
const TWO_WEEKS = 1_209_600;

const WORK = {
  name: "vwt-test-work",
  message_retention_seconds: 345_600,
  redrive_policy: JSON.stringify({ deadLetterTargetArn: reference("aws_sqs_queue.dead.arn"), maxReceiveCount: 5 }),
};
const KEEPER = { name: "vwt-test-work-dead", message_retention_seconds: TWO_WEEKS };
const AGE = "ApproximateAgeOfOldestMessage";
const system = (work: Attributes, dead: Attributes = {}, alarmed = "vwt-test-work-dead", aged = "vwt-test-work") => ({
  resource: {
    aws_sqs_queue: { work: { ...WORK, ...work }, dead: { ...KEEPER, ...dead } },
    aws_cloudwatch_metric_alarm: {
      one: { dimensions: { QueueName: alarmed } },
      two: { metric_name: AGE, dimensions: { QueueName: aged } },
    },
  },
});

/**
 * Every queue has a dead-letter queue of its own, where messages go after several tries, keep for the longest that SQS
 * knows, and set off an alarm; another one tells of messages that nobody handles.
 */
export const queueKeepsDeadLetters: Rule = {
  judge: (stacks) => {
    const alarms = resources(stacks, "aws_cloudwatch_metric_alarm").map(({ attributes }) => attributes);
    const queueOf = ({ dimensions }: Attributes) => (dimensions as Attributes | undefined)?.QueueName;
    const alarmed = alarms.filter(({ metric_name }) => metric_name !== AGE).map(queueOf);
    const aged = alarms.filter(({ metric_name }) => metric_name === AGE).map(queueOf);
    return resources(stacks, "aws_sqs_queue").map(({ stack, address, attributes }): Judgement => {
      const { name, message_retention_seconds, redrive_policy = "{}" } = attributes;
      if (DEAD.test(name as string)) {
        if (message_retention_seconds !== TWO_WEEKS) return [address, `keeps for ${message_retention_seconds} s`];
        return [address, alarmed.includes(name) ? undefined : "tells nobody"];
      }
      const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(redrive_policy as string);
      const [, id = ""] = /^\$\{aws_sqs_queue\.([\w-]+)\.arn\}$/.exec(deadLetterTargetArn) ?? [];
      if (stack.all("aws_sqs_queue")[id]?.name !== `${name}-dead`)
        return [address, "has no dead-letter queue of its own"];
      if (!(maxReceiveCount >= 5)) return [address, `gives up after ${maxReceiveCount} times`];
      if (!aged.includes(name)) return [address, "forgets in silence"];
      // A message keeps its age when it is moved.
      return [
        address,
        (message_retention_seconds as number) < TWO_WEEKS ? undefined : "keeps as long as its dead letters",
      ];
    });
  },
  keeps: system({}),
  breaks: {
    "has no dead-letter queue of its own": system({ redrive_policy: undefined }),
    "gives up after 1 times": system({ redrive_policy: WORK.redrive_policy.replace("5", "1") }),
    "keeps as long as its dead letters": system({ message_retention_seconds: TWO_WEEKS }),
    "keeps for 60 s": system({}, { message_retention_seconds: 60 }),
    "tells nobody": system({}, {}, "vwt-test-other"),
    "forgets in silence": system({}, {}, "vwt-test-work-dead", "vwt-test-other"),
  },
  least: 3,
};
