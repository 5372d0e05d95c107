import {
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3ClientResolvedConfig,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from "@aws-sdk/client-s3";
import type { AwsStub } from "aws-sdk-client-mock";
import { named } from "./handlers/fakes";

interface Version {
  readonly key: string;
  readonly body: string;
}

/** Versions of a page, so that tests see more than one. */
const PAGE = 2;

/** Has a mocked client of S3 keep all versions of what is put, and answer with them; returns these, the oldest first. */
export function lockedBucket(
  s3: AwsStub<ServiceInputTypes, ServiceOutputTypes, S3ClientResolvedConfig>,
): readonly Version[] {
  const versions: Version[] = [];
  s3.on(PutObjectCommand).callsFake(({ Key = "", Body, IfNoneMatch }: PutObjectCommandInput) => {
    if (IfNoneMatch === "*" && versions.some(({ key }) => key === Key)) throw named("PreconditionFailed");
    versions.push({ key: Key, body: String(Body) });
    return {};
  });
  s3.on(ListObjectVersionsCommand).callsFake(({ Prefix, VersionIdMarker = "0" }) => {
    const all = versions.flatMap(({ key }, place) =>
      key.startsWith(Prefix) ? [{ Key: key, VersionId: String(place + 1) }] : [],
    );
    const left = all.filter(({ VersionId }) => Number(VersionId) > Number(VersionIdMarker));
    const Versions = left.slice(0, PAGE);
    const last = Versions.at(-1);
    return {
      ...{ Versions, IsTruncated: left.length > PAGE },
      ...{ NextKeyMarker: last?.Key, NextVersionIdMarker: last?.VersionId },
    };
  });
  s3.on(GetObjectCommand).callsFake(({ VersionId }) => ({
    Body: { transformToString: async () => versions[Number(VersionId) - 1]?.body },
  }));
  return versions;
}
