import { type FirehoseClient, PutRecordBatchCommand } from "@aws-sdk/client-firehose";
import { CallFailure, toFailure } from "../../lib/util/failure";
import type { CapturePorts } from "./capture";

/** Hands records over to delivery streams; throws a `CallFailure` when one does not take all of them. */
export function recordPutter(client: FirehoseClient): CapturePorts["put"] {
  return async (stream, records, signal) => {
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
