import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { S3Object } from "@cdktf/provider-aws/lib/s3-object";
import { App, Manifest, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import type { PrivateBucket } from "./private-bucket";

/** A file made at synth whose bytes depend on its sources only. */
export interface Asset {
  /** File name; of a file in a folder, its path there. */
  readonly name: string;
  readonly path: string;
  /** SHA-256 of the bytes, hexadecimal. */
  readonly sha256: string;
}

/**
 * Puts an asset among the files beside its stack's Terraform, and returns its path there. It takes the place of CDKTF's
 * own, which removes every file at each synth to copy it again: a tenth of the time, and most of it on a busy disk.
 */
function beside(scope: Construct, { path, sha256 }: Asset): string {
  const stack = TerraformStack.of(scope);
  const name = join("assets", stack.getLogicalId(new Construct(scope, "asset").node));
  const folder = join(App.of(stack).outdir, Manifest.stacksFolder, stack.node.id, name);
  const file = join(sha256, basename(path));
  if (!isThere(join(folder, file), sha256)) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(join(folder, sha256), { recursive: true });
    copyFileSync(path, join(folder, file));
  }
  return join(name, file);
}

function isThere(file: string, sha256: string): boolean {
  try {
    return createHash("sha256").update(readFileSync(file)).digest("hex") === sha256;
  } catch {
    return false;
  }
}

/** Uploads an asset as the object of a key. */
function upload(scope: Construct, asset: Asset, bucket: PrivateBucket, key: string): S3Object {
  return new S3Object(scope, "object", {
    bucket: bucket.name,
    key,
    source: beside(scope, asset),
    // S3's ETag of an object that KMS encrypts is no MD5, so Terraform compares this instead.
    sourceHash: asset.sha256,
  });
}

/**
 * Uploads an asset as an object whose key carries its hash: other bytes are another object, never an overwrite. The
 * prefix ends with a slash.
 */
export class UploadedAsset extends Construct {
  readonly bucket: string;
  readonly key: string;
  readonly sha256Base64: string;

  constructor(scope: Construct, id: string, props: { asset: Asset; bucket: PrivateBucket; prefix: string }) {
    super(scope, id);
    const { asset, bucket, prefix } = props;
    const object = upload(this, asset, bucket, `${prefix}${asset.sha256}/${asset.name}`);
    this.bucket = object.bucket;
    this.key = object.key;
    this.sha256Base64 = Buffer.from(asset.sha256, "hex").toString("base64");
  }
}

/**
 * Uploads files under one prefix, which ends with a slash and then carries the hash of them all; to be read as a
 * folder.
 */
export class UploadedFolder extends Construct {
  /** Address of the folder, `s3://…/`. */
  readonly uri: string;
  /** Pattern of the objects' keys, for grants: `<prefix>*`. */
  readonly pattern: string;
  /** SHA-256 over all files, hexadecimal. */
  readonly hash: string;

  constructor(
    scope: Construct,
    id: string,
    props: { assets: readonly Asset[]; bucket: PrivateBucket; prefix: string },
  ) {
    super(scope, id);
    const hash = createHash("sha256");
    for (const { name, sha256 } of props.assets) hash.update(`${name}:${sha256}\n`);
    this.hash = hash.digest("hex");
    const prefix = `${props.prefix}${this.hash}`;
    for (const asset of props.assets) {
      const file = new Construct(this, asset.name.replaceAll("/", "-"));
      upload(file, asset, props.bucket, `${prefix}/${asset.name}`);
    }
    this.uri = `s3://${props.bucket.name}/${prefix}/`;
    this.pattern = `${props.prefix}*`;
  }
}
