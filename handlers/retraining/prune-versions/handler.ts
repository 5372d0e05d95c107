import type { Settings } from "../../../contracts/environment";
import { parseInput } from "../../../contracts/inputs";
import { ROWS, RUNS } from "../../../contracts/run-layout";
import type { Buckets } from "../../lib/aws/objects";
import { entryOf } from "../../lib/util/environment";
import type { Telemetry } from "../../lib/util/telemetry";
import type { VersionRegistry } from "./adapters";
import { superseded } from "./logic";

export interface PruneVersionsDeps {
  readonly environment: Settings<"prune-versions">;
  readonly telemetry: Telemetry;
  readonly buckets: Buckets;
  readonly registry: VersionRegistry;
}

/**
 * Retires a model's old versions as a whole: model, package, and all that their runs left; and configurations of
 * earlier runs.
 */
export const createHandler =
  ({ environment, telemetry, buckets, registry }: PruneVersionsDeps) =>
  async (input: unknown): Promise<{ readonly retired: readonly string[] }> => {
    const { model, versions, prefix, configuration, serving, keep } = parseInput("prune-versions", input);
    const objects = buckets(entryOf(environment, "MODEL_BUCKETS", model));
    const [registered, folders, configurations] = await Promise.all([
      registry.versions(versions),
      objects.folders(RUNS),
      registry.configurations(prefix),
    ]);
    const old = superseded(registered, folders, serving, keep);
    await registry.removeConfigurations(configurations.filter((name) => name !== configuration));
    for (const { arn, version } of old.versions) await registry.retire(`${prefix}-${version}`, arn);
    // By what lies under `runs/` a run is found again, so that goes last.
    for (const folder of old.folders) for (const room of [ROWS, RUNS]) await objects.removeAll(`${room}${folder}/`);
    const retired = old.versions.map(({ version }) => version);
    telemetry.info("pruned", { model, retired, folders: old.folders.length });
    return { retired };
  };
