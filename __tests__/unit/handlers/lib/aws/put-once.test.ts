import { Readable } from "node:stream";
import { S3Client } from "@aws-sdk/client-s3";
import { clientOptions } from "../../../../../handlers/lib/aws/clients";
import { putOnce } from "../../../../../handlers/lib/aws/objects";

/** Puts an object by the SDK's own client, to which S3 answers so; returns the request's headers, too. */
async function put(statusCode: number, code: string) {
  const sent: Record<string, string>[] = [];
  const client = new S3Client({
    ...clientOptions({ timeoutMs: 1_000, maxAttempts: 1 }),
    region: "eu-west-1",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    requestHandler: {
      handle: async ({ headers }: { readonly headers: Record<string, string> }) => {
        sent.push(headers);
        const body = Readable.from([Buffer.from(code && `<Error><Code>${code}</Code><Message>no</Message></Error>`)]);
        return { response: { statusCode, headers: {}, body } };
      },
    },
  });
  const done = putOnce(client, "bucket")("a.json", "{}");
  return { done, sent };
}

test("an object is put where there is none, with the checksum that locked buckets ask for", async () => {
  const { done, sent } = await put(200, "");
  expect(await done).toBe(true);
  expect(sent).toMatchObject([{ "if-none-match": "*", "content-type": "application/json" }]);
  expect(sent[0]).toHaveProperty("x-amz-checksum-crc32");
  // These would want permissions of their own.
  expect(Object.keys(sent[0] ?? {}).filter((name) => name.startsWith("x-amz-object-lock"))).toEqual([]);
});

test("one that is there stays, which is no error", async () => {
  expect(await (await put(412, "PreconditionFailed")).done).toBe(false);
});

test.each([
  [403, "AccessDenied"],
  // Another is being written: the next try tells.
  [409, "ConditionalRequestConflict"],
])("%i %s is an error", async (status, code) => {
  await expect((await put(status, code)).done).rejects.toMatchObject({ name: code });
});
