import {
  ChangeMessageVisibilityCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
  type SQSClient,
} from "@aws-sdk/client-sqs";

const partsOf = (arn: string) => {
  const [, , , region = "", account = "", name = ""] = arn.split(":");
  return { region, url: `https://sqs.${region}.amazonaws.com/${account}/${name}` };
};

/** Sends a message to the queue of an ARN, which may be another account's. Errors are those of the AWS client. */
export type SendToQueue = (
  arn: string,
  message: Omit<SendMessageCommandInput, "QueueUrl">,
  signal?: AbortSignal,
) => Promise<void>;

/** Makes the port to queues of any region; `clientOf` makes the client of one, which is kept. */
export function queueSender(clientOf: (region: string) => SQSClient): SendToQueue {
  const clients = new Map<string, SQSClient>();
  return async (arn, message, signal) => {
    const { region, url } = partsOf(arn);
    const client = clients.get(region) ?? clientOf(region);
    clients.set(region, client);
    await client.send(new SendMessageCommand({ QueueUrl: url, ...message }), signal && { abortSignal: signal });
  };
}

/** Has a message that was received from the queue of an ARN come again, in seconds from now. */
export const messagePostponer =
  (client: SQSClient) =>
  async (arn: string, receiptHandle: string, seconds: number): Promise<void> => {
    await client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: partsOf(arn).url,
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: seconds,
      }),
    );
  };
