import { type Model, models } from "../../catalogue/models";
import { type Config, loadConfig } from "../../config";
import type { Added, Wanted } from "./environment";

type Attributes = Readonly<Record<string, unknown>>;

/** One synthesized stack, with exact look-ups: a look-up that finds none or several throws. */
export class SynthesizedStack {
  constructor(
    readonly name: string,
    readonly json: { readonly resource?: Record<string, Record<string, Attributes>>; readonly [key: string]: unknown },
  ) {}

  /** Every resource of a type, by logical id. */
  all(type: string): Readonly<Record<string, Attributes>> {
    return this.json.resource?.[type] ?? {};
  }

  count(type: string): number {
    return Object.keys(this.all(type)).length;
  }

  /** The one resource of the type whose attributes have these values. */
  one(type: string, having: Attributes = {}): Attributes {
    const found = Object.values(this.all(type)).filter((attributes) =>
      Object.entries(having).every(([name, value]) => attributes[name] === value),
    );
    if (found.length !== 1) {
      throw new Error(`${this.name} has ${found.length} ${type} with ${JSON.stringify(having)}, not one`);
    }
    return found[0] as Attributes;
  }

  /** Type and id of every resource. */
  get addresses(): string[] {
    return Object.entries(this.json.resource ?? {})
      .flatMap(([type, byId]) => Object.keys(byId).map((id) => `${type}.${id}`))
      .sort();
  }
}

/** The policy of the role of a function that a stack has. */
export function rolePolicyOf(stack: SynthesizedStack, name: string): string {
  const [id] = Object.keys(stack.all("aws_iam_role")).filter((each) => each.startsWith(`${name}_role_`));
  return stack.one("aws_iam_role_policy", { role: `\${aws_iam_role.${id}.name}` }).policy as string;
}

/** Names of the stacks, by what tests call them. */
const STACKS = {
  storage: "storage",
  interventions: "interventions",
  operators: "operators",
  sagemaker: "sagemaker",
  api: "api",
  stepFunctions: "step-functions",
  scoring: "scoring",
  monitoring: "monitoring",
} as const;

export type StackName = keyof typeof STACKS;
export const STACK_NAMES = Object.keys(STACKS) as StackName[];

export interface Synthesized extends Readonly<Record<StackName, SynthesizedStack>> {
  readonly all: readonly SynthesizedStack[];
}

/** Given by the environment (`environment.ts`). */
declare const synthesized: (input: string) => string;

/** Synthesizes all stacks of an environment with stand-ins for the built assets. */
export function synthesize(
  environment: Config | string = "local",
  catalogue: readonly Model[] = models,
  added?: Added,
): Synthesized {
  const config = typeof environment === "string" ? loadConfig(environment) : environment;
  const input = JSON.stringify({ config, catalogue, ...(added && { added }) } satisfies Wanted);
  const stacks = JSON.parse(synthesized(input)) as Record<string, SynthesizedStack["json"]>;
  const read = (name: StackName) =>
    new SynthesizedStack(STACKS[name], stacks[`${config.environment}-${STACKS[name]}`] ?? {});
  const named = Object.fromEntries(STACK_NAMES.map((name) => [name, read(name)])) as Record<
    StackName,
    SynthesizedStack
  >;
  if (Object.keys(stacks).length !== STACK_NAMES.length) throw new Error("A stack was synthesized that no test reads");
  return { ...named, all: Object.values(named) };
}

/** Adds settings for models of the given names to a configuration. */
export const withModels = (config: Config, names: readonly string[]): Config => ({
  ...config,
  models: Object.fromEntries(names.map((name) => [name, Object.values(config.models)[0] as Config["models"][string]])),
});

export interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Principal?: unknown;
  readonly Condition?: Readonly<Record<string, unknown>>;
}

export const statements = (policy: unknown): readonly Statement[] =>
  (JSON.parse(policy as string) as { Statement: Statement[] }).Statement;

export const list = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === "string" ? [value] : value;
