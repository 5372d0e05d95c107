import { z } from "zod";

/** Tags that the framework gives every resource; `modules/base/tags.ts` says their values. */
export const OWN_TAGS = ["Project", "Environment", "ManagedBy"] as const;

/**
 * Characters that AWS takes in a tag ("Tag naming limits and requirements", tagging guide); IAM wants some in a key.
 */
const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const TAG_KEY = z
  .string()
  .min(1)
  .max(128)
  .regex(TAG_TEXT, "may have letters, digits, spaces and _.:/=+-@ alone; rename it")
  .refine((key) => !/^aws:/i.test(key), { message: 'begins with "aws:", which AWS keeps to itself; rename it' })
  .refine((key) => !OWN_TAGS.some((own) => own.toLowerCase() === key.toLowerCase()), {
    message: `is a tag of the framework's own (${OWN_TAGS.join(", ")}); rename it`,
  });
const TAG_VALUE = z
  .string()
  .max(256)
  .regex(TAG_TEXT, "may have letters, digits, spaces and _.:/=+-@ alone; correct it");
/** S3 takes at most 10 tags of an object, and assets are objects. */
const MOST_TAGS = 10 - OWN_TAGS.length;

export const tags = z
  .record(TAG_KEY, TAG_VALUE)
  .default({})
  .describe("Tags of every resource, beside the framework's own.")
  .refine((given) => Object.keys(given).length <= MOST_TAGS, {
    message: `has more than ${MOST_TAGS} tags, and with the framework's own an object of S3 would have more than 10; remove some`,
  })
  .refine((given) => new Set(Object.keys(given).map((key) => key.toLowerCase())).size === Object.keys(given).length, {
    message: "has two tags that differ in capital letters alone, which IAM refuses; remove one",
  });
