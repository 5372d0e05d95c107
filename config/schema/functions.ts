import { z } from "zod";
import { models } from "../../catalogue/models";
import type { FunctionName } from "../../contracts/functions";
import { section } from "./section";

const lambda = section("Settings of one Lambda function.", {
  memoryInMb: z.int().min(128).max(10240).describe("Memory of the function; CPU grows with it."),
  timeoutInSeconds: z.int().min(1).max(900).describe("Time after which Lambda ends a call of the function."),
});

const requestLambda = lambda
  .extend({
    reservedConcurrency: z
      .int()
      .min(1)
      .nullable()
      .default(null)
      .describe(
        "Calls that may always run at once, and the most that do; `null` leaves the function what others leave over.",
      ),
  })
  .describe("Settings of one Lambda function that a request waits for.");

export const functions = section("Memory, time limit and concurrency of the Lambda functions.", {
  filter: requestLambda,
  preprocess: requestLambda,
  predict: requestLambda,
  plan: lambda,
  prepare: lambda,
  "count-labels": lambda,
  "ask-labellers": lambda,
  "collect-labels": lambda,
  "check-request": lambda,
  "judge-candidate": lambda,
  "await-approval": lambda,
  "probe-endpoint": lambda,
  labelling: lambda,
  players: requestLambda,
  reviews: lambda,
  "prune-versions": lambda,
  drift: lambda,
  "watch-reviews": lambda,
  "anchor-audit": lambda,
  "plan-scoring": lambda,
  "extract-features": lambda,
  "pick-newest": lambda,
  "size-transform": lambda,
  "rank-scores": lambda,
  "publish-scores": lambda,
  republish: lambda,
  intervene: lambda,
  "publish-decisions": lambda,
  deliver: lambda,
  "write-chain": lambda,
} satisfies Record<FunctionName, z.ZodType>);

export const quotas = section("Quotas of the account that the configuration is held against.", {
  concurrentFunctions: z
    .int()
    .min(1)
    .default(1000)
    .describe("Functions of the region that may run at once; a new account may have fewer until you ask for more."),
});

/** Concurrency that Lambda keeps for the functions that reserve none. */
export const UNRESERVED_CONCURRENCY = 100;

/** Adds up the reserved concurrency of all functions; preprocessing has one function a dataset. */
export const reserved = ({ filter, preprocess, predict, players }: z.infer<typeof functions>): number =>
  (filter.reservedConcurrency ?? 0) +
  (preprocess.reservedConcurrency ?? 0) * new Set(models.map(({ dataset }) => dataset)).size +
  (predict.reservedConcurrency ?? 0) +
  (players.reservedConcurrency ?? 0);

export type FunctionSettings = z.infer<typeof lambda> & { readonly reservedConcurrency?: number | null };
