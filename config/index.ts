import { ALGORITHMS, type AlgorithmName } from "../catalogue/algorithms";
import { models } from "../catalogue/models";
import { impossible } from "../catalogue/training/gate";
import { development } from "./development";
import { local } from "./local";
import { production } from "./production";
import { type Config, type ConfigInput, configSchema, type ModelSettings } from "./schema";
import { inWords, problemLines } from "./schema/problems";

const environments: Readonly<Record<string, ConfigInput>> = { local, development, production };

/** Lists the names of the environments. */
export const ENVIRONMENTS: readonly string[] = Object.keys(environments);

export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * Loads and validates an environment by its name. Throws a `ConfigError` that lists every problem: key, value found,
 * fix.
 */
export function loadConfig(environment: string): Config {
  const input = Object.hasOwn(environments, environment) ? environments[environment] : undefined;
  if (!input) {
    throw new ConfigError(
      `There is no environment "${environment}". Set VWT_ENVIRONMENT to one of ${ENVIRONMENTS.join(", ")}, ` +
        "or add a file to config/ and list it in config/index.ts.",
    );
  }
  const source = `config/${environment}.ts`;
  const config = parseConfig(input, source);
  // A copied file would plan against the other environment's names and state.
  if (config.environment !== environment) {
    throw new ConfigError(
      `${source} cannot be used:\n  - environment: must be "${environment}", as the file is called; correct it (found ${JSON.stringify(config.environment)})`,
    );
  }
  return config;
}

/** Validates a configuration; `source` names it in messages. */
export function parseConfig(input: ConfigInput, source: string): Config {
  const parsed = configSchema.safeParse(input, { error: inWords });
  const problems = parsed.success
    ? modelProblems(parsed.data)
    : problemLines(input, parsed.error.issues, Object.keys((input.models ?? {}) as object));
  if (problems.length > 0 || !parsed.success) {
    throw new ConfigError(`${source} cannot be used:\n${problems.map((line) => `  - ${line}`).join("\n")}`);
  }
  return parsed.data;
}

function modelProblems({ models: settings }: Config): string[] {
  const known: ReadonlySet<string> = new Set(models.map(({ name }) => name));
  return [
    ...[...known]
      .filter((name) => !settings[name])
      .map((name) => `models.${name}: is missing; the catalogue has this model, so give it settings`),
    ...Object.keys(settings)
      .filter((name) => !known.has(name))
      .map((name) => `models.${name}: is no model of catalogue/models.ts; remove it or add the model`),
    ...models.flatMap(({ name, algorithm }) => {
      const { image, training } = settings[name] ?? {};
      return (image === "built-in" && training?.tuning ? untunable(algorithm, training.tuning) : []).map(
        (path) =>
          `models.${name}.training.tuning.${path}: is no range that SageMaker searches on the built-in image; take it ` +
          'out, give it as the other kind of number, or set image to "ecr"',
      );
    }),
    ...models.flatMap(({ name, target }) =>
      (settings[name]?.retraining.gate ?? []).flatMap((rule, index) => {
        const why = impossible(rule, target);
        return why === undefined
          ? []
          : [`models.${name}.retraining.gate.${index}: ${why} (found ${JSON.stringify(rule)})`];
      }),
    ),
  ];
}

/** Lists the paths within a tuning of the ranges that the algorithm's built-in image cannot search. */
const untunable = (algorithm: AlgorithmName, tuning: NonNullable<ModelSettings["training"]["tuning"]>): string[] =>
  (["integers", "numbers"] as const).flatMap((kind) =>
    Object.keys(tuning[kind])
      .filter((name) => !ALGORITHMS[algorithm].tunable[kind].includes(name))
      .map((name) => `${kind}.${name}`),
  );

export type { Config, ConfigInput, FunctionSettings, ModelSettings, Serving } from "./schema";
