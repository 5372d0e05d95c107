import { jsonata, type State, step, task } from "../asl";

/**
 * Auto scaling around an update. While a variant is a registered scalable target, SageMaker refuses to update it to
 * another instance type: the target is deregistered, and registered again at the end of the run, however that ends.
 * Source: "Update endpoints that use automatic scaling" (SageMaker developer guide).
 */
export const scalingStates = (): Record<string, State> => ({
  "Same instance type?": {
    Type: "Choice",
    Choices: [
      {
        Condition: "{% $exists($this.scaling) and $not($championInstances = $this.productionVariant.InstanceType) %}",
        Next: "Deregister scaling",
      },
    ],
    Default: "Update endpoint",
  },
  "Deregister scaling": step(
    "Update endpoint",
    task("aws-sdk:applicationautoscaling:deregisterScalableTarget", {
      Arguments: jsonata(`{
        'ServiceNamespace': $this.scaling.target.ServiceNamespace,
        'ResourceId': $this.scaling.target.ResourceId,
        'ScalableDimension': $this.scaling.target.ScalableDimension
      }`),
      Assign: { unscaled: true },
      Next: "Update endpoint",
    }),
    "Failed",
    // An earlier run was stopped before it could register the target again.
    [
      {
        ErrorEquals: ["ApplicationAutoScaling.ObjectNotFoundException"],
        Assign: { unscaled: true },
        Next: "Update endpoint",
      },
    ],
  ),
  "Does it scale?": {
    Type: "Choice",
    Choices: [{ Condition: "{% $unscaled = true %}", Next: "Register scaling" }],
    Default: "Release",
  },
  "Register scaling": step(
    "Register scaling",
    task("aws-sdk:applicationautoscaling:registerScalableTarget", {
      Arguments: "{% $this.scaling.target %}",
      Next: "Put scaling policy",
    }),
    "Scaling lost",
  ),
  "Put scaling policy": step(
    "Register scaling",
    task("aws-sdk:applicationautoscaling:putScalingPolicy", {
      Arguments: "{% $this.scaling.policy %}",
      Next: "Release",
    }),
    "Scaling lost",
  ),
  // Whatever the run has achieved: an endpoint that no longer scales needs a person.
  "Scaling lost": {
    Type: "Pass",
    Assign: {
      result: jsonata(`$merge([$result, $failure, {
        'status': 'Failed',
        'cause': $failure.cause & '; THE ENDPOINT DOES NOT SCALE: npm run cdktf -- deploy registers it again'
          & ($result.status = 'Failed' ? '; before that: ' & $result.step & ': ' & $result.cause : '')
      }])`),
    },
    Next: "Release",
  },
});
