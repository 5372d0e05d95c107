import { ACCOUNT } from "./account";
import { CAPACITY } from "./capacity";
import { type Check, type Examined, examine, type Surroundings } from "./check";
import { SERVICES } from "./services";

/** All checks before a deployment, in order. */
export const CHECKS: readonly [Check, ...Check[]] = [...ACCOUNT, ...CAPACITY, ...SERVICES];

/** Carries out all checks; without the right credentials, which the first asks for, the others would say nothing. */
export async function examineAll(surroundings: Surroundings, emulated: boolean): Promise<readonly Examined[]> {
  const [first, ...others] = CHECKS;
  const credentials = await examine(first, surroundings, emulated);
  if (credentials.level !== "ok") return [credentials];
  return [credentials, ...(await Promise.all(others.map((check) => examine(check, surroundings, emulated))))];
}

const MARKS = { ok: "✔", warning: "!", failed: "✖", skipped: "·" } as const;

/** Writes what was found, a line each, and beneath it what to do. */
export const report = (examined: readonly Examined[]): string =>
  examined
    .flatMap(({ name, level, says, why, remedy }) => [
      `${MARKS[level]} ${name}: ${says}`,
      ...(level === "warning" || level === "failed" ? [`    why      ${why}`, `    remedy   ${remedy}`] : []),
    ])
    .join("\n");
