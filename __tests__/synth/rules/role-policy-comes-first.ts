import { type Rule, reference, resources } from "./rule";

/** Types of resources for which a service assumes a role at once. */
const ASSUMING = [
  "aws_lambda_function",
  "aws_sagemaker_model",
  "aws_kinesis_firehose_delivery_stream",
  "aws_sfn_state_machine",
  "aws_scheduler_schedule",
  "aws_cloudwatch_event_target",
];

const lambda = (depends_on: readonly string[]) => ({
  resource: {
    aws_iam_role_policy: { permissions: { role: reference("aws_iam_role.one.name") } },
    aws_lambda_function: { one: { role: reference("aws_iam_role.one.arn"), depends_on } },
  },
});

/** A resource whose service assumes a role is created after the role's policy. */
export const rolePolicyComesFirst: Rule = {
  judge: (stacks) =>
    resources(stacks, ...ASSUMING).flatMap(({ stack, address, attributes: { depends_on = [], ...attributes } }) => {
      const role = /\$\{aws_iam_role\.([^.]+)\.arn\}/.exec(JSON.stringify(attributes))?.[1];
      if (role === undefined) return [];
      const [policy] =
        Object.entries(stack.all("aws_iam_role_policy")).find(([, each]) =>
          (each.role as string).includes(`aws_iam_role.${role}.`),
        ) ?? [];
      const first = (depends_on as readonly string[]).includes(`aws_iam_role_policy.${policy}`);
      return [[address, first ? undefined : `does not depend on aws_iam_role_policy.${policy}`]];
    }),
  keeps: lambda(["aws_iam_role_policy.permissions"]),
  breaks: { "does not depend on aws_iam_role_policy.permissions": lambda([]) },
  least: 21,
};
