import type { z } from "zod";
import { datasets } from "../../catalogue/datasets";
import { models } from "../../catalogue/models";
import type { DeliverySection } from "./delivery";
import { type functions, reserved, UNRESERVED_CONCURRENCY } from "./functions";

interface Whole {
  readonly functions: z.infer<typeof functions>;
  readonly quotas: { readonly concurrentFunctions: number };
  readonly pipeline: { readonly prepareConcurrency: number };
  readonly scoring: { readonly concurrency: number };
  readonly events: { readonly maximumConcurrency: number };
  readonly delivery: Pick<DeliverySection, "maximumConcurrency">;
  readonly operators: Readonly<Record<string, { readonly deliveries: readonly { readonly kind: string }[] }>>;
}

/** Calls that one queue of a chain makes at once: one writes, and Lambda reads a queue by no fewer than two. */
export const CHAIN_CONCURRENCY = 2;
/** Shards of a stream, of which each is read by one call: a table on demand begins with four partitions. */
const SHARDS = 4;
/** Calls of functions that nothing bounds: those that people ask, and those that a run asks one by one. */
const SPARE = 50;

/** Counts the calls that may run at once beside those reserved, by what bounds them. */
function bounded(config: Whole): Readonly<Record<string, number>> {
  const { functions: own, pipeline, scoring, events, delivery } = config;
  const deliveries = Object.values(config.operators).flatMap((operator) => operator.deliveries);
  const chains = deliveries.filter(({ kind }) => kind === "chain").length;
  return {
    "pipeline.prepareConcurrency × models": pipeline.prepareConcurrency * models.length,
    "scoring.concurrency × datasets": scoring.concurrency * datasets.length,
    "events.maximumConcurrency of republish": events.maximumConcurrency,
    "events.maximumConcurrency of intervene":
      own.intervene.reservedConcurrency === null ? events.maximumConcurrency : 0,
    "shards that publish-decisions reads": own["publish-decisions"].reservedConcurrency === null ? SHARDS : 0,
    "delivery.maximumConcurrency × webhooks and queues": delivery.maximumConcurrency * (deliveries.length - chains),
    [`${CHAIN_CONCURRENCY} × chains`]: CHAIN_CONCURRENCY * chains,
    "functions that nothing bounds": SPARE,
  };
}

/**
 * Refuses more calls at once than the account's quota has. Where nothing is reserved, all functions share it, and what is
 * throttled comes again; only what a run would fail by is counted then.
 */
export function runnable(config: Whole, context: z.RefinementCtx): void {
  const { functions: own, quotas, pipeline, events } = config;
  const refuse = (path: string[], message: string) => context.addIssue({ code: "custom", path, message });
  const kept = reserved(own);
  const left = quotas.concurrentFunctions - kept;
  if (pipeline.prepareConcurrency * models.length > left) {
    refuse(
      ["pipeline", "prepareConcurrency"],
      "times the number of models is more functions than quotas.concurrentFunctions leaves beside those reserved, so " +
        "runs of all models at once would fail; lower it",
    );
  }
  const { reservedConcurrency } = own.intervene;
  if (reservedConcurrency !== null && reservedConcurrency < events.maximumConcurrency) {
    refuse(
      ["functions", "intervene", "reservedConcurrency"],
      "must be at least events.maximumConcurrency, or Lambda takes messages that it then has nobody for; raise it",
    );
  }
  if (kept === 0) return;
  if (left < UNRESERVED_CONCURRENCY) {
    refuse(
      ["quotas", "concurrentFunctions"],
      `must be at least ${UNRESERVED_CONCURRENCY} (which Lambda keeps for all others) above the sum of every ` +
        "functions.….reservedConcurrency; ask AWS for more, lower these, or set them to null",
    );
  }
  const parts = Object.entries(bounded(config)).filter(([, calls]) => calls > 0);
  const sum = parts.reduce((all, [, calls]) => all + calls, 0);
  if (sum > left) {
    refuse(
      ["quotas", "concurrentFunctions"],
      `must be at least ${kept + sum}: ${kept} are reserved, and ${sum} more may run at once (` +
        `${parts.map(([what, calls]) => `${what}: ${calls}`).join("; ")}); ask AWS for more, or lower one of these`,
    );
  }
}
