import { list, statements } from "../synthesize";
import { only, type Rule, resources } from "./rule";

/** Actions that AWS grants on no resource but "*". */
const UNBOUND =
  /^(ecr:GetAuthorizationToken|sagemaker:ListModelPackages|sagemaker:ListEndpointConfigs|dynamodb:ListStreams|xray:|cloudwatch:PutMetricData|logs:\w*(LogDelivery|LogDeliveries|ResourcePolic\w+|DescribeLogGroups)$|ec2:)/;

const policy = (Action: string, Resource: string) =>
  only({ aws_iam_role_policy: { policy: JSON.stringify({ Statement: [{ Effect: "Allow", Action, Resource }] }) } });

/** No role is granted an action on everything that could be bound to something, nor a pattern of actions. */
export const actionsAreBound: Rule = {
  judge: (stacks) =>
    resources(stacks, "aws_iam_role_policy").flatMap(({ address, attributes }) =>
      statements(attributes.policy).flatMap(({ Action, Resource }) =>
        list(Action).map((action) => {
          if (action.includes("*")) return [address, `${action} is a pattern of actions`];
          const bound = !list(Resource).includes("*") || UNBOUND.test(action);
          return [address, bound ? undefined : `${action} is granted on everything`];
        }),
      ),
    ),
  keeps: policy("s3:GetObject", "arn:aws:s3:::bucket/*"),
  breaks: {
    "s3:GetObject is granted on everything": policy("s3:GetObject", "*"),
    "s3:* is a pattern of actions": policy("s3:*", "arn:aws:s3:::bucket"),
  },
  least: 100,
};
