import { AppautoscalingPolicy } from "@cdktf/provider-aws/lib/appautoscaling-policy";
import { AppautoscalingTarget } from "@cdktf/provider-aws/lib/appautoscaling-target";
import { Construct } from "constructs";
import { BaseStack } from "../base/base-stack";
import type { ServiceRole } from "../identity/iam";

const NAMESPACE = "sagemaker";
const DIMENSION = "sagemaker:variant:DesiredInstanceCount";
const POLICY = "invocations-per-instance";
const METRIC = "SageMakerVariantInvocationsPerInstance";

/**
 * Seconds between two steps of one direction. Terraform's provider would send 0, with which an endpoint never rests.
 */
const COOLDOWN = 300;

export interface EndpointScalingProps {
  readonly endpoint: { readonly name: string; readonly arn: string };
  readonly variant: string;
  readonly minInstances: number;
  readonly maxInstances: number;
  /** Invocations per instance and minute to steer to. */
  readonly targetInvocationsPerInstance: number;
}

/** Names a variant for the Application Auto Scaling API. */
interface ScalableVariant {
  readonly ServiceNamespace: string;
  readonly ResourceId: string;
  readonly ScalableDimension: string;
}

/** Keeps a variant's instances at a number of invocations each. */
export class EndpointScaling extends Construct {
  /**
   * Hold the requests of the Application Auto Scaling API by which a run sets up the same again, on other instances.
   */
  readonly requests: {
    readonly target: ScalableVariant & { readonly MinCapacity: number; readonly MaxCapacity: number };
    readonly policy: object;
  };

  constructor(
    scope: Construct,
    id: string,
    private readonly props: EndpointScalingProps,
  ) {
    super(scope, id);
    const { endpoint, variant, minInstances, maxInstances, targetInvocationsPerInstance } = props;
    const resourceId = `endpoint/${endpoint.name}/variant/${variant}`;
    const target = new AppautoscalingTarget(this, "target", {
      serviceNamespace: NAMESPACE,
      resourceId,
      scalableDimension: DIMENSION,
      minCapacity: minInstances,
      maxCapacity: maxInstances,
    });
    new AppautoscalingPolicy(this, "policy", {
      name: POLICY,
      policyType: "TargetTrackingScaling",
      serviceNamespace: target.serviceNamespace,
      resourceId: target.resourceId,
      scalableDimension: target.scalableDimension,
      targetTrackingScalingPolicyConfiguration: {
        predefinedMetricSpecification: { predefinedMetricType: METRIC },
        targetValue: targetInvocationsPerInstance,
        disableScaleIn: false,
        scaleInCooldown: COOLDOWN,
        scaleOutCooldown: COOLDOWN,
      },
    });
    const variantOf: ScalableVariant = {
      ServiceNamespace: NAMESPACE,
      ResourceId: resourceId,
      ScalableDimension: DIMENSION,
    };
    this.requests = {
      target: { ...variantOf, MinCapacity: minInstances, MaxCapacity: maxInstances },
      policy: {
        ...variantOf,
        PolicyName: POLICY,
        PolicyType: "TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration: {
          PredefinedMetricSpecification: { PredefinedMetricType: METRIC },
          TargetValue: targetInvocationsPerInstance,
          DisableScaleIn: false,
          ScaleInCooldown: COOLDOWN,
          ScaleOutCooldown: COOLDOWN,
        },
      },
    };
  }

  /**
   * Lets the role take the variant out of auto scaling and put it back: "Prerequisites", endpoint auto scaling guide.
   */
  grantRegister(role: ServiceRole): void {
    const { endpoint } = this.props;
    const { naming } = BaseStack.of(this);
    role
      .grant("scaling:register", naming.arn("application-autoscaling", "scalable-target/*"))
      .grant("endpoint:scale", endpoint.arn)
      // Target tracking names its alarms after the target.
      .grant("scaling-alarm:put", naming.arn("cloudwatch", `alarm:TargetTracking-endpoint/${endpoint.name}/*`));
  }
}
