import { existsSync, rmSync, writeFileSync } from "node:fs";

/**
 * Deploys; and when that fails after an earlier deployment never came to its end, does so again from nothing. What was
 * broken off together with the emulator, or by force, may have left resources that Terraform's state does not know, and
 * an emulator's content can be made again.
 *
 * `marker` is a file that exists while a deployment is unfinished. `afresh` must forget everything and deploy.
 */
export async function deployOrAfresh<T>(
  marker: string,
  deploy: () => Promise<T>,
  afresh: () => Promise<T>,
): Promise<T> {
  const unfinished = existsSync(marker);
  writeFileSync(marker, "");
  const deployed = await deploy().catch((error: unknown) => {
    if (!unfinished) throw error;
    return afresh();
  });
  rmSync(marker, { force: true });
  return deployed;
}
