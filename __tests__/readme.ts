import { readFileSync } from "node:fs";
import { join } from "node:path";

export const README = readFileSync(join(__dirname, "..", "README.md"), "utf8");

/** The stacks, in the order in which they build on each other. */
export const STACKS = [
  "storage",
  "interventions",
  "operators",
  "sagemaker",
  "api",
  "step-functions",
  "scoring",
  "monitoring",
] as const;

const SECTION = /^## Deploy to AWS$(.*?)^## /ms;
const COMMAND = /`((?:export|npm run) [^`]+)`/g;
const ONE_STACK = new RegExp(`<stack>|(?<=-)(?:${STACKS.join("|")})\\b`);

/**
 * The commands by which a README deploys to AWS, in its order, up to the first that deploys. One that names a stack is
 * meant for each.
 */
export function deploymentCommands(readme: string): string[] {
  const commands = [...(SECTION.exec(readme)?.[1] ?? "").matchAll(COMMAND)].map(([, command]) => command as string);
  const deploys = commands.findIndex((command) => /^npm run cdktf -- deploy\b/.test(command));
  if (deploys < 0) throw new Error('The README\'s section "Deploy to AWS" has no "npm run cdktf -- deploy"');
  return commands
    .slice(0, deploys + 1)
    .flatMap((command) =>
      ONE_STACK.test(command) ? STACKS.map((stack) => command.replace(ONE_STACK, stack)) : [command],
    );
}
