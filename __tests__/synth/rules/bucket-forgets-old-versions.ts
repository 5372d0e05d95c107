import { bucketSetting } from "./bucket-setting";

const lifecycle = (days: number | undefined) => ({
  rule: [{ id: "noncurrent-versions", status: "Enabled", noncurrent_version_expiration: [{ noncurrent_days: days }] }],
});

/** Superseded versions go in time, in all buckets, where the configuration says when. */
export const bucketForgetsOldVersions = {
  ...bucketSetting(
    "aws_s3_bucket_lifecycle_configuration",
    lifecycle(90),
    ({ rule }) => {
      const [first] = rule as readonly { noncurrent_version_expiration?: readonly { noncurrent_days?: number }[] }[];
      return Number(first?.noncurrent_version_expiration?.[0]?.noncurrent_days) > 0 ? undefined : "keeps them for ever";
    },
    { "keeps them for ever": { rule: [{ id: "retention", status: "Enabled" }] } },
  ),
  // Its configuration keeps versions, because the provider waits 55 s for every such rule.
  except: ["local"],
};
