import { type Attributes, differs, type Judgement, type Rule, resources } from "./rule";

const queueOf = (environment: string) => `arn:aws:sqs:eu-west-1:000000000000:vwt-${environment}-undelivered`;
const DELIVERY = { retry_policy: {}, dead_letter_config: { arn: queueOf("test") } };
const pair = (rule: Attributes, schedule: Attributes) => ({
  resource: { aws_cloudwatch_event_target: { one: rule }, aws_scheduler_schedule: { one: { target: schedule } } },
});

/** A rule or a schedule tries again, and what it cannot deliver is kept. */
export const undeliveredIsKept: Rule = {
  judge(stacks, environment) {
    const sound = { dead_letter_config: { arn: queueOf(environment) } };
    const wrong = (target: Attributes) =>
      target.retry_policy === undefined ? "does not say how often to try" : differs(target, sound);
    return [
      ...resources(stacks, "aws_cloudwatch_event_target").map(
        ({ address, attributes }): Judgement => [address, wrong(attributes)],
      ),
      ...resources(stacks, "aws_scheduler_schedule").map(
        ({ address, attributes }): Judgement => [address, wrong(attributes.target as Attributes)],
      ),
    ];
  },
  keeps: pair(DELIVERY, DELIVERY),
  breaks: {
    "does not say how often to try": pair({ ...DELIVERY, retry_policy: undefined }, DELIVERY),
    "dead_letter_config is undefined": pair(DELIVERY, { retry_policy: {} }),
    'dead_letter_config is {"arn":"arn:other"}': pair(DELIVERY, {
      ...DELIVERY,
      dead_letter_config: { arn: "arn:other" },
    }),
  },
  least: 3 + 2 + 3 + 3,
};
