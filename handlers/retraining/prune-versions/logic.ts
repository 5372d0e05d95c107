/** One version in the model registry. */
export interface Registered {
  readonly arn: string;
  readonly version: string;
}

export interface Superseded {
  /** Registered versions to retire, the oldest first. */
  readonly versions: readonly Registered[];
  /** Folders under `runs/` to remove: those of retired versions, and of runs that never came to be registered. */
  readonly folders: readonly string[];
}

/**
 * Finds what is superseded: all but the newest `keep` versions, the newest `keep` runs, and what serves. `registered`
 * is ordered from the newest; runs' names sort by time.
 */
export function superseded(
  registered: readonly Registered[],
  folders: readonly string[],
  serving: string,
  keep: number,
): Superseded {
  const versions = registered
    .slice(keep)
    .filter(({ version }) => version !== serving)
    .reverse();
  const retired = new Set(versions.map(({ version }) => version));
  const kept = new Set(registered.map(({ version }) => version).filter((version) => !retired.has(version)));
  const recent = new Set([...folders].sort().reverse().slice(0, keep));
  return {
    versions,
    folders: folders.filter(
      (folder) => !kept.has(folder) && folder !== serving && (retired.has(folder) || !recent.has(folder)),
    ),
  };
}
