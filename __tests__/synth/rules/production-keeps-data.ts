import { only, type Rule, resources } from "./rule";

/** The attribute that guards a resource's data, and its value that does. */
const GUARDS: Readonly<Record<string, readonly [attribute: string, guarding: unknown]>> = {
  aws_s3_bucket: ["force_destroy", false],
  aws_ecr_repository: ["force_delete", false],
  aws_cognito_user_pool: ["deletion_protection", "ACTIVE"],
};

/** Nothing in production can be destroyed with what it holds. */
export const productionKeepsData: Rule = {
  judge: (stacks) =>
    resources(stacks, ...Object.keys(GUARDS)).map(({ address, attributes }) => {
      const type = /(\w+)\./.exec(address)?.[1] as string;
      const [attribute, guarding] = GUARDS[type] as readonly [string, unknown];
      return [address, attributes[attribute] === guarding ? undefined : `${attribute} is ${attributes[attribute]}`];
    }),
  keeps: only({ aws_s3_bucket: { force_destroy: false }, aws_cognito_user_pool: { deletion_protection: "ACTIVE" } }),
  breaks: {
    "force_destroy is true": only({ aws_s3_bucket: { force_destroy: true } }),
    "force_delete is undefined": only({ aws_ecr_repository: {} }),
    "deletion_protection is INACTIVE": only({ aws_cognito_user_pool: { deletion_protection: "INACTIVE" } }),
  },
  least: 10,
  except: ["local", "development"],
};
