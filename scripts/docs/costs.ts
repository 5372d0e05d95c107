import { maximumCostInUsd, TIERS } from "../../catalogue/training/compute";
import { pricePerHour } from "../../catalogue/training/prices";
import { ENVIRONMENTS, loadConfig } from "../../config";
import { defaults } from "../../config/defaults";
import { code, table } from "./markdown";

const HOURS_OF_A_MONTH = 730;

/** Tabulates what the endpoints of each environment cost a month. */
export const endpointCosts = (): string =>
  table(
    ["environment", "endpoints", "least a month", "most a month"],
    ENVIRONMENTS.filter((name) => name !== "local").map((name) => {
      const { models, region } = loadConfig(name);
      const serving = Object.values(models).map((settings) => settings.serving);
      const realtime = serving.filter((each) => each.mode === "realtime");
      const monthly = (instances: (each: (typeof realtime)[number]) => number): string =>
        dollars(
          realtime.reduce(
            (sum, each) => sum + instances(each) * pricePerHour(each.instanceType, region) * HOURS_OF_A_MONTH,
            0,
          ),
        );
      const kinds = [
        ...realtime.map((each) => `${each.minInstances} to ${each.maxInstances} ${code(each.instanceType)}`),
        ...(serving.length > realtime.length ? ["serverless, paid by the call"] : []),
      ];
      return [
        name,
        `${serving.length}, each: ${[...new Set(kinds)].join("; ")}`,
        monthly(({ minInstances }) => minInstances),
        serving.length > realtime.length ? "by what is called" : monthly(({ maxInstances }) => maxInstances),
      ];
    }),
  );

/** Tabulates what a run's training may cost, by the size of its data. */
export const trainingCosts = (): string =>
  table(
    ["training data up to", "instances", "time limit", "the most that it may cost"],
    TIERS.map(({ maxBytes, instanceCount, instanceType, maxRuntimeInSeconds }) => [
      maxBytes < 1e12 ? `${maxBytes / 1e9} GB` : `${maxBytes / 1e12} TB`,
      `${instanceCount} × ${code(instanceType)}`,
      `${maxRuntimeInSeconds / 3600} h`,
      dollars(maximumCostInUsd(maxBytes, defaults.region)),
    ]),
  );

const dollars = (amount: number): string => `$${Math.ceil(amount).toLocaleString("en-US")}`;
