/**
 * Takes an endpoint out of auto scaling around an update. While a variant is a registered scalable target, SageMaker
 * refuses to update it to another instance type: the target is deregistered, and registered again at the end of the run,
 * however that ends. Source: "Update endpoints that use automatic scaling" (SageMaker developer guide).
 */
import { jsonata, partWith } from "../asl";
import { type Failure, step } from "../failures";
import { task } from "../tasks";
import { variables } from "../variables";

export interface ScalingVariables {
  readonly modelSettings: {
    /** Present where auto scaling is: requests that register the endpoint's variant again, and its policy. */
    readonly scaling?: {
      readonly target: {
        readonly ServiceNamespace: string;
        readonly ResourceId: string;
        readonly ScalableDimension: string;
        readonly Tags: object;
      };
      readonly policy: object;
    };
    /** The endpoint's one variant, as the SageMaker API takes it. */
    readonly productionVariant: { readonly InstanceType?: string };
  };
  /** Instance type of the variant that serves; `none` when it is serverless. */
  readonly championInstances: string;
  /** Whether the run has taken the endpoint out of auto scaling. */
  readonly unscaled: boolean;
  readonly failure: Failure;
  /** The run's result, as the execution tells it. */
  readonly result: { readonly status: string; readonly step?: string; readonly cause?: string };
}

const part = partWith<ScalingVariables>();
const { modelSettings, championInstances, unscaled, failure, result } = variables<ScalingVariables>();
const { target, policy } = modelSettings.scaling;

/** Takes an endpoint that is to get another instance type out of auto scaling. */
export const deregisterScalingPart = <Exit extends string>(exits: { readonly ready: Exit }) =>
  part(exits, {
    "Same instance type?": {
      Type: "Choice",
      Choices: [
        {
          Condition: jsonata(
            `$exists(${modelSettings.scaling}) and $not(${championInstances} = ${modelSettings.productionVariant.InstanceType})`,
          ),
          Next: "Deregister scaling",
        },
      ],
      Default: exits.ready,
    },
    "Deregister scaling": step(
      "Update endpoint",
      task("aws-sdk:applicationautoscaling:deregisterScalableTarget", {
        Arguments: jsonata(`{
          'ServiceNamespace': ${target.ServiceNamespace},
          'ResourceId': ${target.ResourceId},
          'ScalableDimension': ${target.ScalableDimension}
        }`),
        Assign: { unscaled: true },
        Next: exits.ready,
      }),
      "Failed",
      // An earlier run was stopped before it could register the target again.
      [
        {
          ErrorEquals: ["ApplicationAutoScaling.ObjectNotFoundException"],
          Assign: { unscaled: true },
          Next: exits.ready,
        },
      ],
    ),
  });

/** Registers the endpoint for auto scaling again, where the run has taken it out. */
export const registerScalingPart = <Exit extends string>(exits: { readonly done: Exit }) =>
  part(exits, {
    "Does it scale?": {
      Type: "Choice",
      Choices: [{ Condition: jsonata(`${unscaled} = true`), Next: "Register scaling" }],
      Default: exits.done,
    },
    "Register scaling": step(
      "Register scaling",
      task("aws-sdk:applicationautoscaling:registerScalableTarget", {
        Arguments: jsonata(target),
        Next: "Put scaling policy",
      }),
      "Scaling lost",
    ),
    "Put scaling policy": step(
      "Register scaling",
      task("aws-sdk:applicationautoscaling:putScalingPolicy", {
        Arguments: jsonata(policy),
        Next: exits.done,
      }),
      "Scaling lost",
    ),
    // Whatever the run has achieved: an endpoint that no longer scales needs a person.
    "Scaling lost": {
      Type: "Pass",
      Assign: {
        result: jsonata(`$merge([${result}, ${failure}, {
          'status': 'Failed',
          'cause': ${failure.cause} & '; THE ENDPOINT DOES NOT SCALE: npm run cdktf -- deploy registers it again'
            & (${result.status} = 'Failed' ? '; before that: ' & ${result.step} & ': ' & ${result.cause} : '')
        }])`),
      },
      Next: exits.done,
    },
  });
