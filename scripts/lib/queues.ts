import { type CloudWatchClient, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import { GetQueueAttributesCommand, paginateListQueues, type SQSClient } from "@aws-sdk/client-sqs";
import type { Naming } from "../../modules/base/naming";

export interface Depth {
  /** Messages that wait to be read. */
  readonly waiting: number;
  /** Messages that are being handled, or were postponed. */
  readonly underWay: number;
}

/** Counts the messages of a queue, as SQS does: approximately. */
export async function depthOf(sqs: SQSClient, url: string): Promise<Depth> {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    }),
  );
  return {
    waiting: Number(Attributes?.ApproximateNumberOfMessages ?? 0),
    underWay: Number(Attributes?.ApproximateNumberOfMessagesNotVisible ?? 0),
  };
}

export interface Queue extends Depth {
  /** The name, without project and environment. */
  readonly name: string;
  /** Seconds for which its oldest message has waited; absent where CloudWatch has nothing of late. */
  readonly age?: number;
}

/** Minutes within which SQS tells CloudWatch of a queue that is used. */
const LATELY_MS = 10 * 60_000;

/** Lists all queues of an environment. */
export async function queuesOf(
  {
    sqs,
    cloudwatch,
    naming,
  }: { readonly sqs: SQSClient; readonly cloudwatch: CloudWatchClient; readonly naming: Naming },
  now: Date,
): Promise<readonly Queue[]> {
  const prefix = naming.of("queue", "");
  const urls: string[] = [];
  for await (const { QueueUrls = [] } of paginateListQueues(
    { client: sqs, pageSize: 100 },
    { QueueNamePrefix: prefix },
  )) {
    urls.push(...QueueUrls);
  }
  const queues = urls.map(async (url): Promise<Queue> => {
    const name = url.split("/").at(-1) ?? "";
    const [depth, age] = await Promise.all([depthOf(sqs, url), ageOf(cloudwatch, name, now)]);
    return { name: name.slice(prefix.length), ...depth, ...(age !== undefined && { age }) };
  });
  return (await Promise.all(queues)).sort((one, other) => one.name.localeCompare(other.name));
}

async function ageOf(cloudwatch: CloudWatchClient, queue: string, now: Date): Promise<number | undefined> {
  const { Datapoints = [] } = await cloudwatch.send(
    new GetMetricStatisticsCommand({
      Namespace: "AWS/SQS",
      MetricName: "ApproximateAgeOfOldestMessage",
      Dimensions: [{ Name: "QueueName", Value: queue }],
      StartTime: new Date(now.getTime() - LATELY_MS),
      EndTime: now,
      Period: 60,
      Statistics: ["Maximum"],
    }),
  );
  const [latest] = Datapoints.sort((one, other) => Number(other.Timestamp) - Number(one.Timestamp));
  return latest?.Maximum;
}
