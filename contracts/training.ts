/** Words of the training rows, which TypeScript writes and Python reads. */

/**
 * A missing value in CSV. It is no empty field, because XGBoost's text parser, by which the built-in container reads
 * training data, makes as many columns as it saw values, so trailing columns that are empty in every row would vanish.
 * A `nan` keeps its column and stays missing, there and in the array that the built-in container makes of a request.
 */
export const MISSING = "nan";

/** Bytes of a part of training rows: many parts spread a distributed training evenly, few keep S3 requests cheap. */
export const PART_BYTES = 32 * 1024 * 1024;
