import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { UserError } from "./process";

/** A chain of one node on this machine. */
export interface Anvil {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Keys of the accounts that every anvil gives ether, which everybody knows. */
export const ANVIL_KEYS = [
  "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
  "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
  "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
] as const;

/** Node's names of processors, as the packages of anvil have them. */
const PROCESSORS: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

/** Finds the program in the package of this machine's platform, which npm has installed beside `@foundry-rs/anvil`. */
export function anvilProgram(): string {
  const name = `@foundry-rs/anvil-${process.platform}-${PROCESSORS[process.arch]}`;
  try {
    return createRequire(require.resolve("@foundry-rs/anvil/package.json")).resolve(`${name}/bin/anvil`);
  } catch {
    throw new UserError(
      `The package ${name} is not installed: there is no anvil for this machine, or npm left it out.`,
    );
  }
}

/** Starts an anvil, by default on a free port, and waits until it answers. */
export async function startAnvil(...options: readonly string[]): Promise<Anvil> {
  // One thread: it waits most of the time, and is never alone on the machine.
  const child = spawn(anvilProgram(), ["--port", "0", "--threads", "1", ...options], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "exit");
  const url = await new Promise<string>((resolve, reject) => {
    let output = "";
    const hear = (chunk: Buffer) => {
      output += chunk;
      const address = /Listening on (\S+)/.exec(output)?.[1];
      if (address === undefined) return;
      // It goes on telling of every request, which must not fill the pipe.
      for (const stream of [child.stdout, child.stderr]) stream.off("data", hear).resume();
      resolve(`http://${address}`);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("error", reject);
    child.on("exit", () => reject(new UserError(`anvil did not start:\n${output}`)));
  });
  return {
    url,
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}
