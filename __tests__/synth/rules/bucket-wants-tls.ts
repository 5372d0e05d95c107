import { list, statements } from "../synthesize";
import { bucketSetting } from "./bucket-setting";
import { differs } from "./rule";

const REFUSAL = {
  Effect: "Deny",
  Principal: "*",
  Action: "s3:*",
  Condition: { Bool: { "aws:SecureTransport": "false" } },
};
const policy = (...all: readonly object[]) => ({ policy: JSON.stringify({ Statement: all }) });
const both = { Resource: ["arn:bucket", "arn:bucket/*"] };

/** Every bucket is reached over TLS only, its objects too, and its policy says nothing else. */
export const bucketWantsTls = bucketSetting(
  "aws_s3_bucket_policy",
  policy({ ...REFUSAL, ...both }),
  (attributes) => {
    const [statement, ...others] = statements(attributes.policy);
    if (statement === undefined || others.length > 0) return `has ${others.length + (statement ? 1 : 0)} statements`;
    const [bucket, objects, ...more] = list(statement.Resource);
    if (more.length > 0 || objects !== `${bucket}/*`) return "is not about the bucket and its objects";
    return differs({ ...statement }, REFUSAL);
  },
  {
    "has 2 statements": policy({ ...REFUSAL, ...both }, { ...REFUSAL, ...both, Effect: "Allow" }),
    "is not about the bucket and its objects": policy({ ...REFUSAL, Resource: ["arn:bucket"] }),
    'Effect is "Allow"': policy({ ...REFUSAL, ...both, Effect: "Allow" }),
  },
);
