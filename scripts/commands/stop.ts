import { rmSync } from "node:fs";
import { parseArgs } from "node:util";
import { stopEmulator, systemFolder } from "../lib/emulator";
import { exclusively } from "../lib/exclusively";
import { SYSTEM } from "../lib/names";
import { main } from "../lib/progress";

/** Ends the system that runs on this machine. */
async function stop(): Promise<undefined> {
  const { values } = parseArgs({ options: { clean: { type: "boolean", default: false } } });
  const stopped = await stopEmulator(SYSTEM);
  if (values.clean) rmSync(systemFolder(SYSTEM), { recursive: true, force: true });
  console.log(
    stopped
      ? `The system is stopped.${values.clean ? " What it held is gone." : " npm start brings it back as it was; npm stop -- --clean removes what it held."}`
      : `Nothing was running.${values.clean ? " What was stored is gone." : ""}`,
  );
  return undefined;
}

main(() => exclusively(SYSTEM, stop));
