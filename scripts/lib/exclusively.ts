import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { systemFolder } from "./emulator";
import { isAlive, UserError } from "./process";

/** Runs a command that changes a system while no other one does. A command that died leaves no obstacle. */
export async function exclusively<T>(name: string, command: () => Promise<T>): Promise<T> {
  const file = systemFolder(name, "command.pid");
  mkdirSync(systemFolder(name), { recursive: true });
  const claim = () => writeFileSync(file, String(process.pid), { flag: "wx" });
  try {
    claim();
  } catch {
    const holder = Number(readFileSync(file, "utf8"));
    if (holder && isAlive(holder)) {
      throw new UserError(`Another command (process ${holder}) is working on this system. Wait for it, or end it.`);
    }
    rmSync(file, { force: true });
    claim();
  }
  const release = () => rmSync(file, { force: true });
  process.once("exit", release);
  return command().finally(release);
}
