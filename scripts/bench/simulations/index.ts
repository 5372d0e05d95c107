import type { Result } from "../result";
import { simulateAutomaticLabels } from "./automatic-labels";
import { simulateCalibration } from "./calibration";
import { simulateDrift } from "./drift";
import { simulateGate } from "./gate";
import { simulateHazard } from "./hazard";
import { simulateMarketing } from "./marketing";
import { simulateRiskGroups } from "./risk-groups";
import { simulateStakesGate } from "./stakes-gate";

/** A simulation of what is decided by scores, on data whose truth is known. */
export interface Simulation {
  readonly title: string;
  readonly run: (at: (what: string) => void) => Promise<Result[]>;
}

/** Simulations by name; `--only decisions` runs all of them in turn, `--only decisions.<name>` one. */
export const SIMULATIONS: Readonly<Record<string, Simulation>> = {
  automatic: { title: "Automatic labels", run: simulateAutomaticLabels },
  calibration: { title: "Calibration of retrained models", run: simulateCalibration },
  drift: { title: "Alarms of drift", run: simulateDrift },
  gate: { title: "Decisions of the gate", run: simulateGate },
  hazard: { title: "Scores in a world of hazards", run: simulateHazard },
  "risk-groups": { title: "Groups of risk", run: simulateRiskGroups },
  "stakes-gate": { title: "Decisions of the gate of stakes", run: simulateStakesGate },
  marketing: { title: "Marketing beside its features", run: simulateMarketing },
};
