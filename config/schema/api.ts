import { z } from "zod";
import { VARIABLES } from "../../contracts/environment";
import { wholeNumber } from "./numbers";
import { section } from "./section";
import { usagePlans, withinThrottle } from "./usage-plans";

export const api = section("The REST API that wallets, operators, labellers and reviewers call.", {
  stage: z
    .string()
    .regex(/^[a-z0-9]{1,20}$/, "must be 1 to 20 lower-case letters and digits")
    .describe("First part of the API's paths."),
  throttle: section("Limits that all clients of the API share.", {
    rateLimit: z.number().positive().describe("Requests per second, averaged."),
    burstLimit: z.int().min(1).describe("Requests that may come at once."),
  }),
  usagePlans,
  maxRecords: wholeNumber(VARIABLES.MAX_RECORDS).describe("The most records of one batch."),
  maxBodyInBytes: z
    .int()
    .min(VARIABLES.MAX_BODY_BYTES.least)
    .max(
      VARIABLES.MAX_BODY_BYTES.most,
      `must leave room under Lambda's 6 MB payload limit: at most ${VARIABLES.MAX_BODY_BYTES.most}`,
    )
    .describe("The largest body of a request."),
  requestBudgetInMs: wholeNumber(VARIABLES.REQUEST_BUDGET_MS).describe(
    "Time to answer a request; API Gateway itself gives up after 29 s.",
  ),
  endpointTimeoutInMs: wholeNumber(VARIABLES.ENDPOINT_TIMEOUT_MS).describe(
    "Time that one call of an endpoint may take, for a prediction or when a new version is probed.",
  ),
  servingRecordFreshInSeconds: wholeNumber(VARIABLES.SERVING_FRESH_SECONDS)
    .default(60)
    .describe(
      "Seconds for which each predict container takes a serving record for fresh, so about how late a promotion shows. " +
        "SSM answers 40 reads a second of an account and region by default, and a container reads one a model.",
    ),
  rememberRiskForDays: wholeNumber(VARIABLES.RISK_MEMORY_DAYS)
    .default(30)
    .describe("Days for which a player who was found at risk gets no marketing, whatever later records say."),
}).superRefine(withinThrottle);
