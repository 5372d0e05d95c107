import { differs, each, only, type Rule } from "./rule";

/** Every key that encrypts rotates; KMS rotates no key pair. */
export const keyRotates: Rule = {
  judge: each("aws_kms_key", (key) =>
    key.key_usage === "SIGN_VERIFY" ? undefined : differs(key, { enable_key_rotation: true }),
  ),
  keeps: only({ aws_kms_key: { enable_key_rotation: true } }),
  breaks: { "enable_key_rotation is undefined": only({ aws_kms_key: {} }) },
  least: 1,
};
