import type { Settings } from "../../../contracts/environment";
import type { Telemetry } from "../../lib/util/telemetry";
import { type ApprovalOutcome, decide, type Ports, parseInput, wait } from "./logic";

export interface AwaitApprovalDeps {
  readonly environment: Pick<Settings<"await-approval">, "MODELS_BY_GROUP">;
  readonly telemetry: Telemetry;
  readonly ports: Ports;
}

/** Keeps the task token of a run whose candidate waits for a person, and ends the wait once the registry has a decision. */
export const createHandler =
  ({ environment, telemetry, ports }: AwaitApprovalDeps) =>
  async (input: unknown): Promise<{ readonly outcome: ApprovalOutcome }> => {
    const parsed = parseInput(input);
    const outcome =
      parsed.kind === "wait" ? await wait(ports, parsed) : await decide(ports, parsed, environment.MODELS_BY_GROUP);
    telemetry.info(outcome, { modelPackage: parsed.modelPackage });
    return { outcome };
  };
