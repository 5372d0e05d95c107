import { type FirehoseClient, PutRecordBatchCommand } from "@aws-sdk/client-firehose";
import type { SSMClient } from "@aws-sdk/client-ssm";
import { CallFailure, toFailure } from "../shared/failure";
import { parameterText } from "../shared/parameter";

export const parameterReader =
  (client: SSMClient) =>
  (name: string, signal: AbortSignal): Promise<string> =>
    parameterText(client, name, signal).catch((error: unknown) => {
      throw toFailure(error);
    });

export function recordPutter(client: FirehoseClient) {
  return async (stream: string, records: readonly string[], signal: AbortSignal): Promise<void> => {
    const command = new PutRecordBatchCommand({
      DeliveryStreamName: stream,
      Records: records.map((record) => ({ Data: Buffer.from(record) })),
    });
    const { FailedPutCount = 0 } = await client.send(command, { abortSignal: signal }).catch((error: unknown) => {
      throw toFailure(error);
    });
    if (FailedPutCount > 0) {
      throw new CallFailure("unavailable", `${FailedPutCount} of ${records.length} records were not taken`);
    }
  };
}
