import { SagemakerEndpoint } from "@cdktf/provider-aws/lib/sagemaker-endpoint";
import { SagemakerEndpointConfiguration } from "@cdktf/provider-aws/lib/sagemaker-endpoint-configuration";
import { SagemakerModel } from "@cdktf/provider-aws/lib/sagemaker-model";
import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter";
import { Construct } from "constructs";
import { takesVolumeKey } from "../../catalogue/training/instance-storage";
import type { ModelSettings, Serving } from "../../config";
import { NO_RUN } from "../../contracts/last-run";
import { INITIAL_VERSION, MODEL_VARIABLES, type ServingValues } from "../../contracts/serving-record";
import { BaseStack } from "../base/base-stack";
import { endpointParts } from "../base/naming";
import type { ServiceRole } from "../identity/iam";
import { logGroup } from "../observability/log-group";
import type { UploadedAsset } from "../storage/asset";
import { DeploymentGuardrails } from "./deployment-guardrails";
import { EndpointScaling } from "./endpoint-scaling";
import { terraformVariant, VARIANT } from "./variant";

/** Tells whether the instances of an endpoint keep their data where a key of ours may encrypt them. */
export const storageTakesKey = (serving: Serving): boolean =>
  serving.mode === "realtime" && takesVolumeKey(serving.instanceType);

export interface ModelEndpointProps {
  /** The model's name in the catalogue. */
  readonly model: string;
  readonly settings: ModelSettings;
  readonly image: string;
  readonly role: ServiceRole;
  readonly initialModel: UploadedAsset;
  /** Identifies the features that the initial model takes. */
  readonly featureHash: string;
  /** Seconds that a guarded update may take before SageMaker rolls it back. */
  readonly updateDeadlineInSeconds: number;
}

/**
 * An endpoint that Terraform creates with its initial model and whose later models the main state machine promotes:
 * Terraform ignores which configuration it runs. The serving record, an SSM parameter, says what that is.
 */
export class ModelEndpoint extends Construct {
  readonly name: string;
  readonly arn: string;
  readonly servingParameter: { readonly name: string; readonly arn: string };
  readonly lastRunParameter: { readonly name: string; readonly arn: string };
  /** Present on endpoints with instances; serverless ones have neither. */
  readonly scaling?: EndpointScaling;
  readonly guardrails?: DeploymentGuardrails;

  constructor(scope: Construct, id: string, props: ModelEndpointProps) {
    super(scope, id);
    const { naming, key } = BaseStack.of(this);
    const { model, settings } = props;
    const parts = endpointParts(model, settings.serving.mode);
    // Named as every later version is, so that a roll-back finds it.
    const initialName = `${naming.of("sagemakerPrefix", ...parts)}-${INITIAL_VERSION}`;
    const modelData = `s3://${props.initialModel.bucket}/${props.initialModel.key}`;
    const initial = new SagemakerModel(this, "initial-model", {
      name: initialName,
      executionRoleArn: props.role.arn,
      primaryContainer: {
        image: props.image,
        modelDataUrl: modelData,
        environment: {
          [MODEL_VARIABLES.modelVersion]: INITIAL_VERSION,
          [MODEL_VARIABLES.featureHash]: props.featureHash,
        },
      },
      enableNetworkIsolation: settings.serving.networkIsolation ?? false,
      ...(settings.serving.vpc && {
        vpcConfig: { subnets: settings.serving.vpc.subnetIds, securityGroupIds: settings.serving.vpc.securityGroupIds },
      }),
      dependsOn: [props.role.policy],
      // The first day's model is history once another serves; replacing it would pull it from under the endpoint.
      lifecycle: { ignoreChanges: ["primary_container", "enable_network_isolation", "vpc_config"] },
    });
    const configuration = new SagemakerEndpointConfiguration(this, "initial-configuration", {
      name: initialName,
      productionVariants: [{ ...terraformVariant(settings.serving), modelName: initial.name }],
      ...(storageTakesKey(settings.serving) && { kmsKeyArn: key.arn }),
      lifecycle: { ignoreChanges: ["production_variants", "kms_key_arn"] },
    });
    const endpointName = naming.of("sagemaker", ...parts);
    const logs = logGroup(this, "logs", `/aws/sagemaker/Endpoints/${endpointName}`);
    const endpoint = new SagemakerEndpoint(this, "endpoint", {
      name: endpointName,
      endpointConfigName: configuration.name,
      // Else SageMaker makes the log group, without retention and key; and it acts as the role.
      dependsOn: [logs, props.role.policy],
      // The state machine's updates set both.
      lifecycle: { ignoreChanges: ["endpoint_config_name", "deployment_config"] },
    });
    this.name = endpoint.name;
    this.arn = endpoint.arn;

    const parameter = new SsmParameter(this, "serving-record", {
      name: naming.path("models", ...parts, "serving"),
      description: `What the endpoint of ${model} serves; written by the main state machine`,
      type: "String",
      value: JSON.stringify({
        modelVersion: INITIAL_VERSION,
        featureHash: props.featureHash,
        endpointConfigName: configuration.name,
        modelName: initial.name,
        artefact: modelData,
      } satisfies ServingValues),
      lifecycle: { ignoreChanges: ["value", "insecure_value"] },
    });
    this.servingParameter = { name: parameter.name, arn: parameter.arn };
    const lastRun = new SsmParameter(this, "last-run", {
      name: naming.path("models", ...parts, "last-run"),
      description: `The last run of ${model} that ended with a verdict; written by the main state machine`,
      type: "String",
      value: NO_RUN,
      lifecycle: { ignoreChanges: ["value", "insecure_value"] },
    });
    this.lastRunParameter = { name: lastRun.name, arn: lastRun.arn };

    const { serving } = settings;
    if (serving.mode === "realtime") {
      const { name } = endpoint;
      this.scaling = new EndpointScaling(this, "scaling", { ...serving, endpoint, variant: VARIANT });
      this.guardrails = new DeploymentGuardrails(this, "guardrails", {
        model,
        endpoint: name,
        variant: VARIANT,
        serving,
        deadlineInSeconds: props.updateDeadlineInSeconds,
      });
    }
  }

  grantInvoke(role: ServiceRole): void {
    role.grant("endpoint:invoke", this.arn).grant("parameter:read", this.servingParameter.arn);
  }
}
