import { Readable } from "node:stream";
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { mockClient } from "aws-sdk-client-mock";
import { objectStore } from "../../../../../handlers/lib/aws/objects";

const s3 = mockClient(S3Client);
beforeEach(() => s3.reset());
const store = objectStore(new S3Client({ region: "eu-west-1" }), "bucket");

/** Two pages of a listing. */
function listed(first: object, second: object): void {
  s3.on(ListObjectsV2Command, { Bucket: "bucket" }).resolves({
    ...first,
    IsTruncated: true,
    NextContinuationToken: "next",
  });
  s3.on(ListObjectsV2Command, { Bucket: "bucket", ContinuationToken: "next" }).resolves(second);
}
const prefixes = () => s3.commandCalls(ListObjectsV2Command).map(({ args }) => args[0].input.Prefix);

test("lists every page, with size, time and entity tag", async () => {
  listed(
    { Contents: [{ Key: "a/1", Size: 3, LastModified: new Date("2026-11-01T00:00:00Z"), ETag: '"1"' }] },
    { Contents: [{ Key: "a/2" }] },
  );
  const objects = [];
  for await (const object of store.list("a/")) objects.push(object);
  expect(objects).toEqual([
    { key: "a/1", size: 3, modifiedAt: "2026-11-01T00:00:00.000Z", etag: '"1"' },
    { key: "a/2", size: 0, modifiedAt: "1970-01-01T00:00:00.000Z", etag: "" },
  ]);
  expect(prefixes()).toEqual(["a/", "a/"]);
});

test.each([
  ["all of an object", [], undefined],
  ["a part of it, its end excluded", [24, 48], "bytes=24-47"],
])("reads %s", async (_, range, Range) => {
  s3.on(GetObjectCommand).resolves({ Body: { transformToByteArray: async () => new Uint8Array([7]) } as never });
  expect(await store.bytes("a", ...range)).toEqual(Buffer.from([7]));
  expect(s3.commandCalls(GetObjectCommand)[0]?.args[0].input).toEqual({
    Bucket: "bucket",
    Key: "a",
    ...(Range && { Range }),
  });
});

test("folders of every page are named without prefix and slash", async () => {
  listed(
    { CommonPrefixes: [{ Prefix: "runs/20261101-1/" }, { Prefix: "runs/20261102-2/" }], Contents: [{ Key: "runs/x" }] },
    { CommonPrefixes: [{ Prefix: "runs/20261103-3/" }] },
  );
  expect(await store.folders("runs/")).toEqual(["20261101-1", "20261102-2", "20261103-3"]);
  expect(s3.commandCalls(ListObjectsV2Command)[0]?.args[0].input).toMatchObject({ Prefix: "runs/", Delimiter: "/" });
});

test("there may be no folders at all", async () => {
  s3.on(ListObjectsV2Command).resolves({});
  expect(await store.folders("runs/")).toEqual([]);
});

describe("removing all under a prefix", () => {
  test("removes the objects of every page, and asks for no deletion of none", async () => {
    listed({ Contents: [{ Key: "runs/1/a" }, { Key: "runs/1/b" }] }, { Contents: [] });
    s3.on(DeleteObjectsCommand).resolves({});
    await store.removeAll("runs/1/");
    expect(s3.commandCalls(DeleteObjectsCommand).map(({ args }) => args[0].input)).toEqual([
      { Bucket: "bucket", Delete: { Objects: [{ Key: "runs/1/a" }, { Key: "runs/1/b" }], Quiet: true } },
    ]);
    expect(prefixes()).toEqual(["runs/1/", "runs/1/"]);
  });

  test("an object that stays is an error", async () => {
    listed({ Contents: [{ Key: "runs/1/a" }] }, { Contents: [{ Key: "runs/1/b" }] });
    s3.on(DeleteObjectsCommand).resolves({ Errors: [{ Key: "runs/1/a", Code: "AccessDenied" }] });
    await expect(store.removeAll("runs/1/")).rejects.toThrow("runs/1/a cannot be removed: AccessDenied");
  });
});

test.each([
  ["a.csv", "text/csv"],
  ["a.json", "application/json"],
  ["a.jsonl", "application/jsonl"],
  ["a.bin", undefined],
  ["folder.csv/a", undefined],
])("%s is put as %s", async (key, type) => {
  s3.on(PutObjectCommand).resolves({});
  await store.put(key, "body");
  expect(s3.commandCalls(PutObjectCommand)[0]?.args[0].input).toEqual({
    Bucket: "bucket",
    Key: key,
    Body: "body",
    ...(type && { ContentType: type }),
  });
});

test("reads text and streams", async () => {
  s3.on(GetObjectCommand, { Bucket: "bucket", Key: "a" })
    .resolvesOnce({ Body: { transformToString: async () => "text" } as never })
    .resolvesOnce({ Body: Readable.from([Buffer.from("1"), Buffer.from("2")]) as never })
    .resolvesOnce({});
  expect(await store.text("a")).toBe("text");
  const chunks = [];
  for await (const chunk of await store.open("a")) chunks.push(String(chunk));
  expect(chunks).toEqual(["1", "2"]);
  await expect(store.text("a")).rejects.toThrow("s3://bucket/a has no body");
});
