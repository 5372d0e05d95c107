import { differs, each, only, type Rule } from "./rule";

/** The environment's key rotates. */
export const keyRotates: Rule = {
  judge: each("aws_kms_key", (key) => differs(key, { enable_key_rotation: true })),
  keeps: only({ aws_kms_key: { enable_key_rotation: true } }),
  breaks: { "enable_key_rotation is undefined": only({ aws_kms_key: {} }) },
  least: 1,
};
