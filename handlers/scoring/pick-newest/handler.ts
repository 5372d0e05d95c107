import type { Settings } from "../../../contracts/environment";
import { parseInput } from "../../../contracts/inputs";
import { featuresFile, partName, scoringKeys } from "../../../contracts/scoring-layout";
import type { Buckets } from "../../lib/aws/objects";
import type { LambdaContext } from "../../lib/http/api-gateway";
import { LineSplitter } from "../../lib/records/lines";
import { concurrently } from "../../lib/util/concurrently";
import { entryOf } from "../../lib/util/environment";
import { refuseLate } from "../../lib/util/late";
import type { Telemetry } from "../../lib/util/telemetry";
import { NewestRowsOfPart } from "./logic";

export interface PickNewestDeps {
  readonly environment: Settings<"pick-newest">;
  readonly telemetry: Telemetry;
  readonly buckets: Buckets;
}

/** Every group has a file of the part, most of them small. */
const READ_AT_ONCE = 16;
/** More than a row of features has. */
const MAX_LINE_BYTES = 1_000_000;

/** Picks the newest row of every player of a part, and parts features from players. */
export const createHandler =
  ({ environment, telemetry, buckets }: PickNewestDeps) =>
  async (given: unknown, context: LambdaContext): Promise<void> => {
    const { dataset, runId, part: number } = parseInput("pick-newest", given);
    const data = buckets(entryOf(environment, "DATA_BUCKETS", dataset));
    const [files, part] = [scoringKeys(runId), partName(number)];
    const check = refuseLate(context, (what) => `part ${what} is too large for one run of the function`);
    const keys: string[] = [];
    for await (const { key } of data.list(files.rows(part))) keys.push(key);
    const rows = new NewestRowsOfPart();
    await concurrently(keys, READ_AT_ONCE, async (key) => {
      const lines = new LineSplitter((line) => {
        if (line === undefined) throw new Error(`${key} has a line that is no row`);
        rows.take(line);
      }, MAX_LINE_BYTES);
      for await (const chunk of await data.open(key)) {
        check(part);
        lines.push(chunk);
      }
      lines.end();
    });
    const { features, players, newest } = rows.files();
    // Batch transform fails on an object without a row.
    if (newest.rows > 0) {
      await Promise.all([
        data.put(`${files.features}${featuresFile(part)}`, features),
        data.put(files.players(part), players),
      ]);
    }
    await data.put(files.newest(part), JSON.stringify(newest));
    telemetry.info("picked", { dataset, runId, part, files: keys.length, players: newest.rows });
  };
