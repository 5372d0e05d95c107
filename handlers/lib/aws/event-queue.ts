import { SendMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { envelopeOf } from "../../../contracts/bus";
import { chunksOf } from "../util/chunks";
import { CallFailure, toFailure, within } from "../util/failure";
import type { PutEvents } from "./event-bus";

/** SQS takes 10 messages and 1 MiB a call. */
const MAX_MESSAGES = 10;
const MAX_BYTES = 1_000_000;

/** Makes the port by which events come to a queue, as EventBridge would bring them. `onFailure` hears of each failed call. */
export const eventSender =
  (client: SQSClient, queueUrl: string, onFailure: (failure: CallFailure) => void): PutEvents =>
  async (events, signal) => {
    const indexed = events.map((event, index) => ({ event, index }));
    const calls = chunksOf(indexed, MAX_BYTES, ({ event }) => envelopeOf(event), MAX_MESSAGES);
    const untaken = await Promise.all(
      calls.map(async ({ items, texts }): Promise<readonly number[]> => {
        const command = new SendMessageBatchCommand({
          QueueUrl: queueUrl,
          Entries: texts.map((MessageBody, place) => ({ Id: String(place), MessageBody })),
        });
        try {
          const sending = client.send(command, signal && { abortSignal: signal });
          const { Successful = [], Failed = [] } = await (signal ? within(signal, sending) : sending);
          for (const { Code = "unknown" } of Failed) onFailure(new CallFailure("unavailable", Code));
          const taken = new Set(Successful.map(({ Id }) => Id));
          return items.flatMap(({ index }, place) => (taken.has(String(place)) ? [] : [index]));
        } catch (error) {
          onFailure(toFailure(error));
          return items.map(({ index }) => index);
        }
      }),
    );
    return untaken.flat();
  };
