import { rmSync } from "node:fs";
import { stopEmulator, systemFolder } from "../lib/emulator";
import { exclusively } from "../lib/exclusively";
import { stopLocalEnds } from "../lib/local-ends";
import { main } from "../lib/main";
import { SYSTEM } from "../lib/names";

/** Ends the system that runs on this machine. */
async function stop(clean: boolean): Promise<undefined> {
  const stopped = await stopEmulator(SYSTEM);
  await stopLocalEnds(SYSTEM);
  if (clean) rmSync(systemFolder(SYSTEM), { recursive: true, force: true });
  console.log(
    stopped
      ? `The system is stopped.${clean ? " What it held is gone." : " npm start brings it back as it was; npm stop -- --clean removes what it held."}`
      : `Nothing was running.${clean ? " What was stored is gone." : ""}`,
  );
  return undefined;
}

main("stop", ({ options }) => exclusively(SYSTEM, () => stop(options.clean)));
