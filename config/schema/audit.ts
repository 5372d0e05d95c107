import { z } from "zod";
import { section } from "./section";

export const auditLock = section("How the daily heads of operators' audit logs are locked (S3 Object Lock).", {
  mode: z
    .enum(["GOVERNANCE", "COMPLIANCE"])
    .default("GOVERNANCE")
    .describe(
      "`GOVERNANCE`: whoever has `s3:BypassGovernanceRetention` may still remove one. `COMPLIANCE`: nobody can, the " +
        "account's root included, so the bucket cannot be destroyed before the last lock ends, and no lock is ever shortened.",
    ),
  days: z
    .int()
    .min(1)
    .max(36_500)
    .default(1_825)
    .describe("Days for which each head is locked. Those that are there keep the lock that they were written with."),
});
