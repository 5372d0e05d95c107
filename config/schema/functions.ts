import { z } from "zod";
import { models } from "../../catalogue/models";
import type { FunctionName } from "../../contracts/functions";
import { section } from "./section";

const lambda = section("Settings of one Lambda function.", {
  memoryInMb: z.int().min(128).max(10240).describe("Memory of the function; CPU grows with it."),
  timeoutInSeconds: z.int().min(1).max(900).describe("Time after which Lambda ends a call of the function."),
});

const reservingLambda = lambda
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
  .describe("Settings of one Lambda function that a request or an operator waits for.");

export const functions = section("Memory, time limit and concurrency of the Lambda functions.", {
  filter: reservingLambda,
  preprocess: reservingLambda,
  predict: reservingLambda,
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
  players: reservingLambda,
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
  intervene: reservingLambda,
  "publish-decisions": reservingLambda,
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
export const reserved = (all: z.infer<typeof functions>): number =>
  Object.entries(all).reduce((sum, [name, settings]) => {
    const { reservedConcurrency = null }: FunctionSettings = settings;
    const copies = name === "preprocess" ? new Set(models.map(({ dataset }) => dataset)).size : 1;
    return sum + (reservedConcurrency ?? 0) * copies;
  }, 0);

export type FunctionSettings = z.infer<typeof lambda> & { readonly reservedConcurrency?: number | null };
