import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { datasets } from "../../catalogue/datasets";
import { FUNCTION_VARIABLES, readEnvironment, VARIABLES } from "../../contracts/environment";
import { deployedFunctions, FUNCTIONS, type FunctionName } from "../../contracts/functions";
import { synthesize } from "./synthesize";

const COMMON = ["ENVIRONMENT", "LOG_LEVEL"];
const deployed = deployedFunctions(datasets.map(({ name }) => name));
const environments = ["local", "development", "production"];

/** Collects the variables that the stacks of an environment bind, by function. */
function boundIn(environment: string): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const lambdas = synthesize(environment).all.flatMap((stack) => Object.values(stack.all("aws_lambda_function")));
  return new Map(
    lambdas.map((lambda) => [
      String(lambda.function_name).replace(`vwt-${environment}-`, ""),
      (lambda.environment as { variables: Record<string, string> }).variables,
    ]),
  );
}

test.each(environments)(
  "in %s every function can read what the stacks bind to it, and nothing else is bound",
  (name) => {
    const bound = boundIn(name);
    expect([...bound.keys()].sort()).toEqual(deployed.map((each) => each.name).sort());
    for (const { name: function_, of } of deployed) {
      const variables = bound.get(function_) ?? {};
      expect(readEnvironment(of, variables)).toMatchObject({ ENVIRONMENT: name });
      const known: readonly string[] = [...COMMON, ...FUNCTION_VARIABLES[of]];
      expect(Object.keys(variables).filter((variable) => !known.includes(variable))).toEqual([]);
    }
  },
);

test("every variable of a function is bound in some environment", () => {
  const bound = environments.map(boundIn);
  for (const { name, of } of deployed) {
    const names = new Set(bound.flatMap((each) => Object.keys(each.get(name) ?? {})));
    expect([name, ...names].sort()).toEqual([name, ...COMMON, ...FUNCTION_VARIABLES[of]].sort());
  }
});

test("every variable of a function is read by its code", () => {
  const unread = (Object.keys(FUNCTIONS) as FunctionName[]).flatMap((name) => {
    const folder = resolve(__dirname, "../../handlers", FUNCTIONS[name].room, name);
    const code = readdirSync(folder)
      .map((file) => readFileSync(join(folder, file), "utf8"))
      .join();
    // `moneyOf` reads the three of a function that reads records.
    const read = code.includes("moneyOf(environment)") ? `${code} CURRENCY CURRENCY_RATES OPERATOR_CURRENCIES` : code;
    return FUNCTION_VARIABLES[name].filter((variable) => !new RegExp(`\\b${variable}\\b`).test(read));
  });
  expect(unread).toEqual([]);
});

test("every variable is one of some function", () => {
  const used: readonly string[] = [...COMMON, ...Object.values(FUNCTION_VARIABLES).flat()];
  expect(Object.keys(VARIABLES).filter((name) => !used.includes(name))).toEqual([]);
});
