import { bucketSetting } from "./bucket-setting";
import { OUR_KEY, reference } from "./rule";

const encryption = (kms_master_key_id: unknown) => ({
  rule: [
    {
      apply_server_side_encryption_by_default: { kms_master_key_id, sse_algorithm: "aws:kms" },
      bucket_key_enabled: true,
    },
  ],
});
const SOUND = encryption(reference("aws_kms_key.key.arn"));

/** Every bucket encrypts with our key, by one data key for many objects. */
export const bucketIsEncrypted = bucketSetting(
  "aws_s3_bucket_server_side_encryption_configuration",
  SOUND,
  encryption(OUR_KEY),
  {
    [`rule is ${JSON.stringify(encryption("alias/aws/s3").rule)}`]: encryption("alias/aws/s3"),
    "rule is []": { rule: [] },
  },
);
