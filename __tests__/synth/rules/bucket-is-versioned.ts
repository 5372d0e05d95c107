import { bucketSetting } from "./bucket-setting";

const versioning = (status: string) => ({ versioning_configuration: { status } });

/** Every bucket keeps superseded versions. */
export const bucketIsVersioned = bucketSetting(
  "aws_s3_bucket_versioning",
  versioning("Enabled"),
  versioning("Enabled"),
  { 'versioning_configuration is {"status":"Suspended"}': versioning("Suspended") },
);
