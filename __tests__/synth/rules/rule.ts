import { isDeepStrictEqual } from "node:util";
import { SynthesizedStack } from "../synthesize";

/** The judgement of a rule on one thing: where it is, and what is wrong with it, if anything. */
export type Judgement = readonly [address: string, wrong: string | undefined];

export type Attributes = Readonly<Record<string, unknown>>;
type Terraform = SynthesizedStack["json"];

/** A demand on all stacks of an environment. */
export interface Rule {
  /** Judges everything that the rule is about; `environment` is the name of the configuration. */
  readonly judge: (stacks: readonly SynthesizedStack[], environment: string) => readonly Judgement[];
  /** A stack of the environment "test" that keeps the rule. */
  readonly keeps: Terraform;
  /** Stacks, or sets of them, that break it, by what is wrong with each. */
  readonly breaks: Readonly<Record<string, Terraform | readonly Terraform[]>>;
  /** The least number of things that the rule judges in each environment, so that it cannot fall silent. */
  readonly least: number;
  /** Environments whose configuration asks for something else. */
  readonly except?: readonly string[];
}

export interface Resource {
  readonly stack: SynthesizedStack;
  readonly id: string;
  readonly address: string;
  readonly attributes: Attributes;
}

/** Lists all resources of these types. */
export const resources = (stacks: readonly SynthesizedStack[], ...types: readonly string[]): readonly Resource[] =>
  stacks.flatMap((stack) =>
    types.flatMap((type) =>
      Object.entries(stack.all(type)).map(([id, attributes]) => ({
        ...{ stack, id, attributes },
        address: `${stack.name} ${type}.${id}`,
      })),
    ),
  );

/** Makes the judge of every resource of a type on its own. */
export const each =
  (type: string, wrong: (attributes: Attributes, environment: string) => string | undefined): Rule["judge"] =>
  (stacks, environment) =>
    resources(stacks, type).map(({ address, attributes }) => [address, wrong(attributes, environment)]);

/** Says which attribute is not as expected; an expression stands for all texts that match it. */
export function differs(attributes: Attributes, expected: Attributes): string | undefined {
  const wrong = Object.entries(expected).find(([name, value]) => !isAs(attributes[name], value));
  return wrong && `${wrong[0]} is ${JSON.stringify(attributes[wrong[0]])}`;
}

function isAs(actual: unknown, expected: unknown): boolean {
  if (expected instanceof RegExp) return typeof actual === "string" && expected.test(actual);
  if (Array.isArray(expected) && Array.isArray(actual)) {
    return expected.length === actual.length && expected.every((one, place) => isAs(actual[place], one));
  }
  if (typeof expected === "object" && expected !== null && typeof actual === "object" && actual !== null) {
    return differs(actual as Attributes, expected as Attributes) === undefined;
  }
  return isDeepStrictEqual(actual, expected);
}

/** A reference to the environment's key, within its stack or from another. */
export const OUR_KEY = /^\$\{(aws_kms_key\.[\w-]+\.arn|data\.terraform_remote_state\.[^}]*aws_kms_key[^}]*)\}$/;

/** Makes the Terraform of a stack of one resource a type, for a rule's cases. */
export const only = (byType: Readonly<Record<string, Attributes>>): Terraform => ({
  resource: Object.fromEntries(Object.entries(byType).map(([type, attributes]) => [type, { one: attributes }])),
});

/** Makes a reference as Terraform writes it. */
export const reference = (path: string): string => `\${${path}}`;

/** Makes the stacks of a case. */
export const stacksOf = (cases: Terraform | readonly Terraform[]): readonly SynthesizedStack[] =>
  [cases].flat().map((terraform, place) => new SynthesizedStack(`test-${place}`, terraform));
