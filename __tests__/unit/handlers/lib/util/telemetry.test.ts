import { createTelemetry } from "../../../../../handlers/lib/util/telemetry";
import { catchOutput } from "../../output";

const output = catchOutput();
const created = (LOG_LEVEL: "INFO" | "WARN" = "INFO") =>
  createTelemetry("drift", { ENVIRONMENT: "production", LOG_LEVEL });

test("measures in the embedded metric format, by the dimensions that alarms and dashboards look for", () => {
  const { measure } = created();
  measure("model", "m", { DriftRows: 400, FeatureDrift: 0.5 });
  measure("dataset", "d", { CapturedRows: 7 });
  const metric = (Name: string, Unit: string) => ({ Name, Unit });
  expect(output.metrics()).toMatchObject([
    {
      service: "drift",
      environment: "production",
      model: "m",
      DriftRows: 400,
      FeatureDrift: 0.5,
      _aws: {
        CloudWatchMetrics: [
          {
            Namespace: "VWT",
            Dimensions: [["service", "environment", "model"]],
            Metrics: [metric("DriftRows", "Count"), metric("FeatureDrift", "None")],
          },
        ],
      },
    },
    {
      dataset: "d",
      CapturedRows: 7,
      _aws: { CloudWatchMetrics: [{ Dimensions: [["service", "environment", "dataset"]] }] },
    },
  ]);
  expect(output.metrics()[1]).not.toHaveProperty("model");
});

test("logs what it is told, from the level on that is configured", () => {
  const { info, warn } = created("WARN");
  info("quiet", { runId: "run-1" });
  warn("loud", { runId: "run-2" });
  expect(output.text()).not.toContain("run-1");
  expect(JSON.parse(output.text())).toMatchObject({
    level: "WARN",
    message: "loud",
    service: "drift",
    environment: "production",
    runId: "run-2",
  });
});
