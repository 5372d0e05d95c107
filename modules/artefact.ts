import { S3Object } from "@cdktf/provider-aws/lib/s3-object";
import { AssetType, TerraformAsset } from "cdktf";
import { Construct } from "constructs";
import type { PrivateBucket } from "./private-bucket";

/** A file made at synth whose bytes depend on its sources only. */
export interface Artefact {
  /** File name without folders. */
  readonly name: string;
  readonly path: string;
  /** SHA-256 of the bytes, hexadecimal. */
  readonly sha256: string;
}

/** An artefact as an object whose key carries the artefact's hash: other bytes are another object, never an overwrite. */
export class UploadedArtefact extends Construct {
  readonly bucket: string;
  readonly key: string;
  readonly sha256Base64: string;

  constructor(scope: Construct, id: string, props: { artefact: Artefact; bucket: PrivateBucket; prefix: string }) {
    super(scope, id);
    const { artefact, bucket, prefix } = props;
    const asset = new TerraformAsset(this, "asset", {
      path: artefact.path,
      type: AssetType.FILE,
      assetHash: artefact.sha256,
    });
    const object = new S3Object(this, "object", {
      bucket: bucket.name,
      key: `${prefix}/${artefact.sha256}/${artefact.name}`,
      source: asset.path,
      // S3's ETag of an object that KMS encrypts is no MD5, so Terraform compares this instead.
      sourceHash: artefact.sha256,
    });
    this.bucket = object.bucket;
    this.key = object.key;
    this.sha256Base64 = Buffer.from(artefact.sha256, "hex").toString("base64");
  }
}
