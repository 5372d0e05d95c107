import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { mockClient } from "aws-sdk-client-mock";
import type { GateInput, handler as Handler } from "../../../../../handlers/retraining/judge-candidate";
import { catchOutput } from "../../output";

const MODEL = "gambling-behaviour-marketing";
const s3 = mockClient(S3Client);
const output = catchOutput();
let handler: typeof Handler;

beforeAll(async () => {
  Object.assign(process.env, {
    ENVIRONMENT: "test",
    LOG_LEVEL: "INFO",
    MODEL_BUCKETS: JSON.stringify({ [MODEL]: "bucket" }),
    AWS_REGION: "eu-west-1",
  });
  ({ handler } = await import("../../../../../handlers/retraining/judge-candidate"));
});
beforeEach(() => s3.reset());

const evaluated = (text: string) =>
  s3
    .on(GetObjectCommand, { Bucket: "bucket", Key: "runs/run-1/evaluation/evaluation.json" })
    .resolves({ Body: { transformToString: async () => text } as never });
const input: GateInput = { model: MODEL, runId: "run-1", rules: [{ metric: "rmse", better: "lower", bound: 10 }] };

test.each([
  [9, "promote"],
  [11, "reject"],
])("judges an error of %d by the rules of the request: %s", async (rmse, verdict) => {
  evaluated(JSON.stringify({ schemaVersion: 1, candidate: { metrics: { rmse } }, champion: null, baselines: {} }));
  expect(await handler(input)).toEqual({
    verdict,
    reason: expect.stringContaining("rmse"),
    metrics: { rmse: String(rmse) },
    championMetrics: {},
    evaluation: "s3://bucket/runs/run-1/evaluation/evaluation.json",
    report: "s3://bucket/runs/run-1/evaluation/report.html",
  });
  expect(output.text()).toContain(verdict);
});

test("without an evaluation there is no verdict", async () => {
  evaluated("{}");
  await expect(handler(input)).rejects.toThrow("evaluation.json lacks candidate and baselines");
  s3.on(GetObjectCommand).rejects(new Error("NoSuchKey"));
  await expect(handler(input)).rejects.toThrow("NoSuchKey");
  await expect(handler({ ...input, model: "poker" })).rejects.toThrow("MODEL_BUCKETS has no entry for poker");
});
