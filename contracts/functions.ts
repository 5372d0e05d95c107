/**
 * Every Lambda function, by name: the room of `handlers/` that its folder stands in, and whether it is deployed once or
 * once per dataset, as `<name>-<dataset>`. Bundles, settings and synth tests are made of this table.
 */
export const FUNCTIONS = {
  filter: { room: "api", per: "environment" },
  preprocess: { room: "api", per: "dataset" },
  predict: { room: "api", per: "environment" },
  labelling: { room: "api", per: "environment" },
  "check-request": { room: "retraining", per: "environment" },
  plan: { room: "retraining", per: "environment" },
  prepare: { room: "retraining", per: "dataset" },
  tally: { room: "retraining", per: "environment" },
  ask: { room: "retraining", per: "environment" },
  collect: { room: "retraining", per: "environment" },
  gate: { room: "retraining", per: "environment" },
  "await-approval": { room: "retraining", per: "environment" },
  probe: { room: "retraining", per: "environment" },
  prune: { room: "retraining", per: "environment" },
  drift: { room: "monitoring", per: "environment" },
} as const satisfies Readonly<Record<string, { readonly room: string; readonly per: "environment" | "dataset" }>>;

export type FunctionName = keyof typeof FUNCTIONS;

export interface DeployedFunction {
  readonly name: string;
  readonly of: FunctionName;
  /** Only of functions that are deployed per dataset. */
  readonly dataset?: string;
}

/** Lists the functions that an environment with these datasets has. */
export function deployedFunctions(datasets: readonly string[]): DeployedFunction[] {
  return (Object.keys(FUNCTIONS) as FunctionName[]).flatMap((of): DeployedFunction[] =>
    FUNCTIONS[of].per === "dataset"
      ? datasets.map((dataset) => ({ name: `${of}-${dataset}`, of, dataset }))
      : [{ name: of, of }],
  );
}
