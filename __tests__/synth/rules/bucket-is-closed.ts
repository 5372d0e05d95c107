import { bucketSetting } from "./bucket-setting";

const SOUND = {
  block_public_acls: true,
  block_public_policy: true,
  ignore_public_acls: true,
  restrict_public_buckets: true,
};

/** No bucket can be opened to the public. */
export const bucketIsClosed = bucketSetting("aws_s3_bucket_public_access_block", SOUND, SOUND, {
  "block_public_policy is false": { block_public_policy: false },
  "restrict_public_buckets is undefined": { restrict_public_buckets: undefined },
});
