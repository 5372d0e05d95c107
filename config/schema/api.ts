import { z } from "zod";
import { section } from "./section";
import { usagePlans, withinThrottle } from "./usage-plans";

export const api = section("The REST API that wallets and labellers call.", {
  stage: z
    .string()
    .regex(/^[a-z0-9]{1,20}$/, "must be 1 to 20 lower-case letters and digits")
    .describe("First part of the API's paths."),
  throttle: section("Limits that all clients of the API share.", {
    rateLimit: z.number().positive().describe("Requests per second, averaged."),
    burstLimit: z.int().min(1).describe("Requests that may come at once."),
  }),
  usagePlans,
  maxRecords: z.int().min(1).max(1000).describe("The most records of one batch."),
  maxBodyInBytes: z
    .int()
    .min(1024)
    .max(5_500_000, "must leave room under Lambda's 6 MB payload limit: at most 5500000")
    .describe("The largest body of a request."),
  requestBudgetInMs: z
    .int()
    .min(500)
    .max(25_000)
    .describe("Time to answer a request; API Gateway itself gives up after 29 s."),
  endpointTimeoutInMs: z
    .int()
    .min(100)
    .max(20_000)
    .describe("Time that one call of an endpoint may take, for a prediction or when a new version is probed."),
  servingRecordFreshInSeconds: z
    .int()
    .min(1)
    .max(300)
    .default(60)
    .describe(
      "Seconds for which each predict container takes a serving record for fresh, so about how late a promotion shows. " +
        "SSM answers 40 reads a second of an account and region by default, and a container reads one a model.",
    ),
  rememberRiskForDays: z
    .int()
    .min(1)
    .max(3650)
    .default(30)
    .describe("Days for which a player who was found at risk gets no marketing, whatever later records say."),
}).superRefine(withinThrottle);
