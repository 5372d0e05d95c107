import { chooseLabelling } from "../../../catalogue/labelling/modes";
import { modelNamed } from "../../../catalogue/models";
import { TARGETS } from "../../../catalogue/targets";
import type { Settings } from "../../../contracts/environment";
import { parseInput } from "../../../contracts/inputs";
import { parseJson } from "../../../contracts/parse";
import { groupCounts, manifest } from "../../../contracts/run-files";
import { type GroupCounts, groupName, RUN_FILES, runKey } from "../../../contracts/run-layout";
import type { Buckets, ObjectStore } from "../../lib/aws/objects";
import { concurrently } from "../../lib/util/concurrently";
import { entryOf } from "../../lib/util/environment";
import type { Telemetry } from "../../lib/util/telemetry";
import { allRejections, type CountedLabels, countedLabels, labelCounts, operatorsInNumbers, total } from "./logic";
import { revise } from "./revision";

export interface CountLabelsDeps {
  readonly environment: Settings<"count-labels">;
  readonly telemetry: Telemetry;
  readonly buckets: Buckets;
}

/** Requests side by side: 10 TB of records are 20,000 groups. */
const READERS = 50;
/** Groups whose operators are in memory together: a hundred operators of each of 20,000 groups are gigabytes. */
const MOST_AT_ONCE = 200;

/** Adds up what the groups of a run counted when they were prepared, and chooses how missing labels come about. */
export const createHandler =
  ({ environment, telemetry, buckets }: CountLabelsDeps) =>
  async (input: unknown): Promise<CountedLabels> => {
    const {
      model: name,
      runId,
      again,
      labelling,
      requested,
      toleratedRejectedShare,
      oneSided,
    } = parseInput("count-labels", input);
    const model = modelNamed(name);
    const objects = buckets(entryOf(environment, "MODEL_BUCKETS", name));

    const keys: string[] = [];
    for await (const { key } of objects.list(runKey(runId, "counts/"))) keys.push(key);
    let counts = total([]);
    const groups: Omit<GroupCounts, "operators">[] = [];
    for (let from = 0; from < keys.length; from += MOST_AT_ONCE) {
      const read = await concurrently(keys.slice(from, from + MOST_AT_ONCE), READERS, async (key) =>
        parseJson(groupCounts, await objects.text(key), key),
      );
      counts = total([counts, ...read]);
      groups.push(...read.map(({ operators: _, ...group }) => group));
    }

    const facts = { ...labelCounts(counts), target: model.target, settings: labelling };
    const rejections = allRejections(groups);
    const chosen = chooseLabelling(facts, requested ?? undefined);
    const result = countedLabels(counts, rejections, chosen, {
      toleratedRejectedShare,
      // Amounts are not of two kinds.
      oneSided: TARGETS[model.target].task === "binary" ? oneSided : "report",
    });
    // For the evaluation's report.
    const operators = operatorsInNumbers(counts.operators);
    const summary = { ...counts, operators, ...rejections, inWords: result.records };
    await objects.put(runKey(runId, RUN_FILES.summary), JSON.stringify(summary));
    const { positives: _, ...rows } = result.rows;
    telemetry.info("counted", { model: name, runId, groups: groups.length, ...rows, labelling: result.labelling.mode });
    return {
      ...result,
      againKey: again || result.unusable + result.oneSided !== "" ? "" : await prepareAgain(objects, runId, groups),
    };
  };

/**
 * Finds what only all groups together tell of their records, and plans which groups are prepared again by it. Returns the
 * key of that manifest, empty when there is none.
 */
async function prepareAgain(
  { bytes, text, put }: ObjectStore,
  runId: string,
  groups: readonly Pick<GroupCounts, "group" | "identities">[],
): Promise<string> {
  const files = groups.map(({ group, identities }) => ({ group, slices: identities }));
  const revision = await revise(
    files,
    (group, start, end) => bytes(runKey(runId, `identities/${groupName(group)}.bin`), start, end),
    (group, part, entries) => put(runKey(runId, `revisions/${groupName(group)}-${part}.bin`), entries),
  );
  await put(runKey(runId, RUN_FILES.cut), JSON.stringify(revision.cut));
  if (revision.groups.size === 0) return "";
  const planned = parseJson(manifest, await text(runKey(runId, "manifest.json")), "manifest.json");
  const key = runKey(runId, RUN_FILES.repeatedManifest);
  await put(key, JSON.stringify(planned.filter(({ keys }) => revision.groups.has(keys[0]))));
  return key;
}
