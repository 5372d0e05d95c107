import { FirehoseClient, PutRecordBatchCommand } from "@aws-sdk/client-firehose";
import { mockClient } from "aws-sdk-client-mock";
import { recordPutter } from "../../../../../handlers/api/predict/adapters";

const firehose = mockClient(FirehoseClient);
const put = recordPutter(new FirehoseClient({ region: "eu-west-1" }));
const { signal } = new AbortController();
beforeEach(() => firehose.reset());

test("hands all records of a call over at once", async () => {
  firehose.on(PutRecordBatchCommand).resolves({ FailedPutCount: 0, RequestResponses: [] });
  await put("vwt-captured", ["a\n", "b\n"], signal);
  expect(firehose.commandCalls(PutRecordBatchCommand).map(({ args }) => args[0].input)).toEqual([
    { DeliveryStreamName: "vwt-captured", Records: [{ Data: Buffer.from("a\n") }, { Data: Buffer.from("b\n") }] },
  ]);
});

test("records that the stream does not take are a failure that passes", async () => {
  firehose.on(PutRecordBatchCommand).resolves({ FailedPutCount: 1, RequestResponses: [] });
  await expect(put("s", ["a", "b"], signal)).rejects.toMatchObject({
    kind: "unavailable",
    message: "1 of 2 records were not taken",
  });
  firehose.on(PutRecordBatchCommand).rejects(Object.assign(new Error("player-1"), { name: "ThrottlingException" }));
  await expect(put("s", ["a"], signal)).rejects.toMatchObject({ kind: "throttled", message: "ThrottlingException" });
});
