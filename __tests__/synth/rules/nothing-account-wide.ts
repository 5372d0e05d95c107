import { only, type Rule } from "./rule";

/** No environment owns what an account has once a region: another environment's end would take it away. */
export const nothingAccountWide: Rule = {
  judge: (stacks) =>
    stacks.map((stack) => [
      stack.name,
      stack.count("aws_api_gateway_account") > 0 ? "has an aws_api_gateway_account" : undefined,
    ]),
  keeps: {},
  breaks: { "has an aws_api_gateway_account": only({ aws_api_gateway_account: {} }) },
  least: 5,
};
