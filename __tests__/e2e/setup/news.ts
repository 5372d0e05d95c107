import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { Naming } from "../../../modules/base/naming";
import { emulatorSettings, type System } from "../../../scripts/lib/system";

interface News {
  readonly event: string;
  readonly execution: string;
  /** Absent when an execution ended outside of its models' runs. */
  readonly model?: string;
}

/** Subscribes a queue to what the main state machine publishes; reads what has come since. */
export async function newsOf({ emulator, config }: System): Promise<() => Promise<News[]>> {
  const settings = emulatorSettings(emulator, config);
  const [sns, sqs] = [new SNSClient(settings), new SQSClient(settings)];
  const here = `${config.region}:${config.accountId}`;
  const topic = `arn:aws:sns:${here}:${new Naming(config).of("topic", "retraining")}`;
  const queue = `arn:aws:sqs:${here}:news`;
  const Policy = JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "sns.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: queue,
        Condition: { ArnEquals: { "aws:SourceArn": topic } },
      },
    ],
  });
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "news", Attributes: { Policy } }));
  await sns.send(
    new SubscribeCommand({
      TopicArn: topic,
      Protocol: "sqs",
      Endpoint: queue,
      Attributes: { RawMessageDelivery: "true" },
    }),
  );
  return async () => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    return Messages.map(({ Body }) => JSON.parse(Body as string));
  };
}
