/** Prefixes of a dataset's data bucket: what operators deliver, and what Firehose writes of the traffic. */

/** Prefix with the operators' training records. */
export const RECORDS = "records/";

/** Prefix with captured traffic, in a folder an hour: `captured/yyyy/mm/dd/HH/`. */
export const CAPTURED = "captured/";

/** Prefix with what Firehose could not deliver. */
export const CAPTURE_ERRORS = "capture-errors/";

/** Names the folder of captured traffic that holds an instant's hour, in UTC. */
export const capturedHour = (at: Date): string =>
  `${CAPTURED}${at.toISOString().slice(0, 13).replaceAll(/[-T]/g, "/")}/`;

/** Prefix that makes Firehose write to the folder of `capturedHour`, in its own syntax. */
export const CAPTURED_PREFIX = `${CAPTURED}!{timestamp:yyyy/MM/dd/HH}/`;
