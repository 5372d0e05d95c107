import { type FirehoseClient, PutRecordBatchCommand } from "@aws-sdk/client-firehose";
import { GetParameterCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { CallFailure, toFailure } from "../shared/failure";

export function parameterReader(client: SSMClient) {
  return async (name: string, signal: AbortSignal): Promise<string> => {
    const command = new GetParameterCommand({ Name: name });
    const { Parameter } = await client.send(command, { abortSignal: signal }).catch((error: unknown) => {
      throw toFailure(error);
    });
    return Parameter?.Value ?? "";
  };
}

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
