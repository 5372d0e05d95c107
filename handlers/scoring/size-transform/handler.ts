import type { Settings } from "../../../contracts/environment";
import { parseInput } from "../../../contracts/inputs";
import { parseJson } from "../../../contracts/parse";
import { newestRows, partName, scoredFolder, scoringCounts, scoringKeys } from "../../../contracts/scoring-layout";
import type { Buckets } from "../../lib/aws/objects";
import { concurrently } from "../../lib/util/concurrently";
import { entryOf } from "../../lib/util/environment";
import type { Telemetry } from "../../lib/util/telemetry";
import { type SizedScoring, sizeTransform } from "./logic";

export interface SizeTransformDeps {
  readonly environment: Settings<"size-transform">;
  readonly telemetry: Telemetry;
  readonly buckets: Buckets;
}

/** A scoring of 10 TB has 20,000 groups, each with a file. */
const READ_AT_ONCE = 50;

/** Adds up what was found of records and players, and chooses the compute; makes room for the day's files. */
export const createHandler =
  ({ environment, telemetry, buckets }: SizeTransformDeps) =>
  async (given: unknown): Promise<SizedScoring> => {
    const { dataset, runId, parts, date, toleratedRejectedShare } = parseInput("size-transform", given);
    const data = buckets(entryOf(environment, "DATA_BUCKETS", dataset));
    const files = scoringKeys(runId);
    const counts: string[] = [];
    for await (const { key } of data.list(files.counts)) counts.push(key);
    const groups = await concurrently(counts, READ_AT_ONCE, async (key) =>
      parseJson(scoringCounts, await data.text(key), key),
    );
    const newest = await concurrently(
      Array.from({ length: parts }, (_, part) => partName(part)),
      READ_AT_ONCE,
      async (part) => parseJson(newestRows, await data.text(files.newest(part)), files.newest(part)),
    );
    const sized = sizeTransform(groups, newest, toleratedRejectedShare);
    // Those of an earlier run of the day may have more parts.
    await data.removeAll(scoredFolder(dataset, date));
    const { players, records } = sized;
    telemetry.info("sized", { dataset, runId, players, records });
    return sized;
  };
