import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";

/**
 * Matches Terraform's words for a resource on whose existence its state and the emulator disagree. Faults that come
 * before it looks at resources, such as a provider that cannot be installed, name none.
 */
const OF_A_RESOURCE = /\bwith aws_\w+\./;
const DISAGREEMENT = /already ?(exists|owned)|conflict|not ?found|no ?such|does not exist|checksum|cannot be found/i;

/**
 * Tells whether a failure is of the kind that a deployment which was broken off leaves behind, and a new start mends.
 */
export const isDisagreement = (said: string): boolean => OF_A_RESOURCE.test(said) && DISAGREEMENT.test(said);

/**
 * Deploys; and when that fails after an earlier deployment never came to its end, and because what was broken off left
 * resources that Terraform's state does not know, or the other way round, does so again from nothing.
 *
 * `marker` is a file that exists while a deployment is unfinished. `afresh` must set everything aside and deploy.
 */
export async function deployOrAfresh<T>(
  marker: string,
  deploy: () => Promise<T>,
  afresh: () => Promise<T>,
): Promise<T> {
  const unfinished = existsSync(marker);
  writeFileSync(marker, "");
  const deployed = await deploy().catch((error: unknown) => {
    if (!unfinished || !isDisagreement(String(error))) throw error;
    return afresh();
  });
  rmSync(marker, { force: true });
  return deployed;
}

/** Moves parts of a folder to a folder beside it, in place of what was set aside before. */
export function setAside(folder: string, parts: readonly string[], aside: string): void {
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside, { recursive: true });
  for (const part of parts.filter((each) => existsSync(`${folder}/${each}`))) {
    renameSync(`${folder}/${part}`, `${aside}/${part}`);
  }
}
