import type { SagemakerEndpointConfigurationProductionVariants } from "@cdktf/provider-aws/lib/sagemaker-endpoint-configuration";
import type { Serving } from "../../config";

/** Names an endpoint's one variant: auto scaling and retained capacity hang on it across promotions. */
export const VARIANT = "AllTraffic";

/** Writes the endpoint's one variant for Terraform. */
export function terraformVariant(
  serving: Serving,
): Omit<SagemakerEndpointConfigurationProductionVariants, "modelName"> {
  return serving.mode === "serverless"
    ? {
        variantName: VARIANT,
        serverlessConfig: { memorySizeInMb: serving.memorySizeInMb, maxConcurrency: serving.maxConcurrency },
      }
    : {
        variantName: VARIANT,
        instanceType: serving.instanceType,
        initialInstanceCount: serving.minInstances,
        initialVariantWeight: 1,
      };
}

/** Writes the endpoint's one variant for the SageMaker API. */
export function apiVariant(serving: Serving): Readonly<Record<string, unknown>> & { readonly InstanceType?: string } {
  return serving.mode === "serverless"
    ? {
        VariantName: VARIANT,
        ServerlessConfig: { MemorySizeInMB: serving.memorySizeInMb, MaxConcurrency: serving.maxConcurrency },
      }
    : {
        VariantName: VARIANT,
        InstanceType: serving.instanceType,
        InitialInstanceCount: serving.minInstances,
        InitialVariantWeight: 1,
      };
}
