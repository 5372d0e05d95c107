import type { Config } from "../config";

/** The tags of every resource that can have any; applied once, as the provider's default tags. */
export const tagsOf = ({ project, environment, tags }: Config): Record<string, string> => ({
  ...tags,
  Project: project,
  Environment: environment,
  ManagedBy: "terraform",
});
