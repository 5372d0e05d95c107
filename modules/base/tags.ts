import type { Config } from "../../config";
import type { OWN_TAGS } from "../../config/schema/tags";

/** Makes the tags of every resource that can have any; they are applied once, as the provider's default tags. */
export function tagsOf({ project, environment, tags }: Config): Record<string, string> {
  const own: Record<(typeof OWN_TAGS)[number], string> = {
    Project: project,
    Environment: environment,
    ManagedBy: "terraform",
  };
  return { ...tags, ...own };
}
