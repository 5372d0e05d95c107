import { UserError } from "../lib/process";
import { deploySystem, pendingPlans, type System } from "../lib/system";
import type { Result } from "./result";
import { alternate, median, milliseconds } from "./statistics";

/** Enough for a median: each takes a dozen seconds. */
const ROUNDS = 3;

/** Measures what `npm start` deploys when nothing has changed, and the plan of one stack in turn with it. */
export async function measureDeployment(system: System, at: (what: string) => void): Promise<Result[]> {
  const deployment = async () => {
    const { added, changed, destroyed } = await deploySystem(system, at);
    if (added + changed + destroyed > 0) throw new UserError("Something was deployed, although nothing had changed.");
  };
  const measured = await alternate(
    ROUNDS,
    {
      deployment: () => milliseconds(deployment),
      floor: () => milliseconds(() => pendingPlans(system, ([first]) => (first ? [first] : []))),
    },
    at,
  );
  return [
    {
      what: "deployment of what is deployed",
      value: median(measured.deployment),
      unit: "ms",
      floor: { name: "plan of one stack", value: median(measured.floor) },
      limit: { of: "value", atMost: 20_000 },
    },
  ];
}
