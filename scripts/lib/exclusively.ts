import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { systemFolder } from "./emulator";
import { beganAt, UserError } from "./process";

interface Holder {
  readonly pid: number;
  readonly began: string | undefined;
}

/** Runs a command that changes a system while no other one does. A command that died leaves no obstacle. */
export async function exclusively<T>(name: string, command: () => Promise<T>): Promise<T> {
  const file = systemFolder(name, "command.json");
  mkdirSync(systemFolder(name), { recursive: true });
  const claim = () =>
    writeFileSync(file, JSON.stringify({ pid: process.pid, began: beganAt(process.pid) }), { flag: "wx" });
  try {
    claim();
  } catch {
    const holder = holderIn(file);
    if (holder) {
      throw new UserError(`Another command (process ${holder.pid}) is working on this system. Wait for it, or end it.`);
    }
    rmSync(file, { force: true });
    claim();
  }
  const release = () => rmSync(file, { force: true });
  process.once("exit", release);
  return command().finally(release);
}

/** Finds the command that holds a system, unless it has ended and its id is another's by now. */
function holderIn(file: string): Holder | undefined {
  try {
    const holder = JSON.parse(readFileSync(file, "utf8")) as Holder;
    return holder.began !== undefined && holder.began === beganAt(holder.pid) ? holder : undefined;
  } catch {
    return undefined; // It was released just now, or its writer died.
  }
}
