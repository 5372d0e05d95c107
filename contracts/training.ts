/** Words of the training rows, which TypeScript writes and Python reads. */

/** A missing value in CSV. */
export const MISSING = "nan";

/** Bytes of a part of training rows: many parts spread a distributed training evenly, few keep S3 requests cheap. */
export const PART_BYTES = 32 * 1024 * 1024;
