import {
  CloudwatchMetricAlarm,
  type CloudwatchMetricAlarmConfig,
} from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { Construct } from "constructs";
import type { Serving } from "../../config";
import { BaseStack } from "../base/base-stack";

export interface DeploymentGuardrailsProps {
  /** The model's name in the catalogue. */
  readonly model: string;
  readonly endpoint: string;
  readonly variant: string;
  readonly serving: Serving & { readonly mode: "realtime" };
  /** Seconds that an update may take before SageMaker rolls it back. */
  readonly deadlineInSeconds: number;
}

/** Seconds over which an alarm looks: the shortest for which SageMaker publishes its metrics. */
const PERIOD = 60;

/** The least that SageMaker takes as the time-out of an update, in seconds. */
const LEAST_TIMEOUT = 600;

/** Guards the updates of an endpoint: by a canary, and by alarms that roll an update back. */
export class DeploymentGuardrails extends Construct {
  /** Holds the `DeploymentConfig` of an update, in the form of the SageMaker API. */
  readonly deployment: object;

  constructor(scope: Construct, id: string, props: DeploymentGuardrailsProps) {
    super(scope, id);
    const { naming } = BaseStack.of(this);
    const { model, endpoint, variant, serving, deadlineInSeconds } = props;
    const { canaryPercent, bakeInSeconds, errorShare, latencyInMs } = serving.guardrails;
    const alarm = (name: string, description: string, condition: Partial<CloudwatchMetricAlarmConfig>) =>
      new CloudwatchMetricAlarm(this, name, {
        alarmName: naming.of("alarm", model, name),
        alarmDescription: description,
        namespace: "AWS/SageMaker",
        dimensions: { EndpointName: endpoint, VariantName: variant },
        period: PERIOD,
        evaluationPeriods: 1,
        comparisonOperator: "GreaterThanThreshold",
        // An endpoint that nobody calls fails nobody.
        treatMissingData: "notBreaching",
        ...condition,
      });
    const alarms = [
      // SageMaker counts each request as 0 or 1, so their average is the share that failed.
      alarm("errors", `More than ${errorShare * 100} % of the requests to ${model} fail`, {
        metricName: "Invocation5XXErrors",
        statistic: "Average",
        threshold: errorShare,
      }),
      alarm("latency", `${model} takes more than ${latencyInMs} ms`, {
        metricName: "ModelLatency",
        extendedStatistic: "p99",
        // SageMaker publishes microseconds.
        threshold: latencyInMs * 1000,
      }),
    ];
    const canary = serving.minInstances > 1;
    this.deployment = {
      BlueGreenUpdatePolicy: {
        TrafficRoutingConfiguration: canary
          ? {
              Type: "CANARY",
              CanarySize: { Type: "CAPACITY_PERCENT", Value: canaryPercent },
              WaitIntervalInSeconds: bakeInSeconds,
            }
          : { Type: "ALL_AT_ONCE", WaitIntervalInSeconds: bakeInSeconds },
        TerminationWaitInSeconds: bakeInSeconds,
        MaximumExecutionTimeoutInSeconds: Math.max(deadlineInSeconds, LEAST_TIMEOUT),
      },
      AutoRollbackConfiguration: { Alarms: alarms.map(({ alarmName }) => ({ AlarmName: alarmName })) },
    };
  }
}
