/**
 * Every Lambda function, by name: the room of `handlers/` that its folder stands in, and whether it is deployed once or
 * once per dataset, as `<name>-<dataset>`. Bundles, settings and synth tests are made of this table.
 */
export const FUNCTIONS = {
  filter: { room: "api", per: "environment" },
  preprocess: { room: "api", per: "dataset" },
  predict: { room: "api", per: "environment" },
  labelling: { room: "api", per: "environment" },
  players: { room: "api", per: "environment" },
  reviews: { room: "api", per: "environment" },
  "check-request": { room: "retraining", per: "environment" },
  plan: { room: "retraining", per: "environment" },
  prepare: { room: "retraining", per: "dataset" },
  "count-labels": { room: "retraining", per: "environment" },
  "ask-labellers": { room: "retraining", per: "environment" },
  "collect-labels": { room: "retraining", per: "environment" },
  "judge-candidate": { room: "retraining", per: "environment" },
  "await-approval": { room: "retraining", per: "environment" },
  "probe-endpoint": { room: "retraining", per: "environment" },
  "prune-versions": { room: "retraining", per: "environment" },
  drift: { room: "monitoring", per: "environment" },
  "watch-reviews": { room: "monitoring", per: "environment" },
  "plan-scoring": { room: "scoring", per: "environment" },
  "extract-features": { room: "scoring", per: "dataset" },
  "pick-newest": { room: "scoring", per: "environment" },
  "size-transform": { room: "scoring", per: "environment" },
  "rank-scores": { room: "scoring", per: "environment" },
  "publish-scores": { room: "scoring", per: "environment" },
  republish: { room: "interventions", per: "environment" },
  intervene: { room: "interventions", per: "environment" },
  "publish-decisions": { room: "interventions", per: "environment" },
  "anchor-audit": { room: "interventions", per: "environment" },
  deliver: { room: "interventions", per: "environment" },
  "write-chain": { room: "interventions", per: "environment" },
} as const satisfies Readonly<Record<string, { readonly room: string; readonly per: "environment" | "dataset" }>>;

export type FunctionName = keyof typeof FUNCTIONS;

/** Functions of a room that an environment has once. */
type OncePer<Room extends string> = {
  [Name in FunctionName]: (typeof FUNCTIONS)[Name] extends { room: Room; per: "environment" } ? Name : never;
}[FunctionName];

/** Functions that the main state machine invokes and that an environment has once. */
export type RetrainingFunctionName = OncePer<"retraining">;
/** Functions that the state machine of the scoring invokes and that an environment has once. */
export type ScoringFunctionName = OncePer<"scoring">;

export interface DeployedFunction {
  readonly name: string;
  readonly of: FunctionName;
  /** The dataset, for functions that are deployed once per dataset. */
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
