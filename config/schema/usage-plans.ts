import { z } from "zod";
import { section } from "./section";

const usagePlan = section("A usage plan.", {
  rateLimit: z.number().positive().describe("Requests per second of one key, averaged."),
  burstLimit: z.int().min(1).describe("Requests of one key that may come at once."),
  quota: section("Requests of one key within a period.", {
    limit: z.int().min(1).describe("How many they may be."),
    period: z.enum(["DAY", "WEEK", "MONTH"]).describe("How long the period is."),
  }),
  clients: z
    .array(z.string().regex(/^[a-z0-9-]{1,40}$/, "must be 1 to 40 of a-z, 0-9 and -"))
    .min(1)
    .refine((clients) => new Set(clients).size === clients.length, {
      message: "names a client twice; remove one, or give it a name of its own",
    })
    .describe("Names of the plan's clients; each gets an API key."),
}).refine(({ burstLimit, rateLimit }) => burstLimit >= rateLimit, {
  path: ["burstLimit"],
  message: "must be at least rateLimit, otherwise the rate can never be reached; raise it",
});

export const usagePlans = z
  .record(z.string().regex(/^[a-z0-9-]{1,40}$/), usagePlan)
  .describe("Usage plans by name; the clients of all of them are the API's.")
  .superRefine((plans, context) => {
    const planOf = new Map<string, string>();
    for (const [plan, { clients }] of Object.entries(plans)) {
      for (const [index, client] of clients.entries()) {
        const other = planOf.get(client);
        planOf.set(client, plan);
        if (other === undefined || other === plan) continue;
        context.addIssue({
          code: "custom",
          path: [plan, "clients", index],
          message: `is a client of usage plan ${other}, and has one key; remove it from one of them`,
        });
      }
    }
  });

interface Api {
  readonly throttle: Readonly<Record<"rateLimit" | "burstLimit", number>>;
  readonly usagePlans: z.infer<typeof usagePlans>;
}

/** Refuses plans that allow more than the stage does. */
export function withinThrottle({ throttle, usagePlans: plans }: Api, context: z.RefinementCtx): void {
  for (const [plan, limits] of Object.entries(plans)) {
    for (const limit of ["rateLimit", "burstLimit"] as const) {
      if (limits[limit] <= throttle[limit]) continue;
      context.addIssue({
        code: "custom",
        path: ["usagePlans", plan, limit],
        message: `is above api.throttle.${limit} (${throttle[limit]}), which all clients share, so it can never be reached; lower it or raise that`,
      });
    }
  }
}
