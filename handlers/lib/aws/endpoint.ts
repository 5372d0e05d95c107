import { setTimeout as pause } from "node:timers/promises";
import { InvokeEndpointCommand, type SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { type Scaling, scaleOf } from "../../../catalogue/training/scaling";
import type { Row } from "../../../contracts/request-path";
import { csvRow, parseScores } from "../records/csv";
import { chunksOf } from "../util/chunks";
import { CallFailure, toFailure, within } from "../util/failure";

export interface EndpointPorts {
  /** One `InvokeEndpoint` with a CSV body. */
  readonly invoke: (endpoint: string, body: string, signal: AbortSignal) => Promise<string>;
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
}

/** The built-in container accepts 6 MB, a serverless endpoint 4 MB. */
const MAX_BODY_BYTES = 3_500_000;
/** Spread, so that the callers of one overloaded endpoint do not return together. */
const retryPauseMs = () => 20 + Math.random() * 60;
/** A retry with less time than this would only add load. */
const LEAST_RETRY_MS = 100;

interface Asked {
  readonly endpoint: string;
  readonly rows: readonly Row[];
  readonly columns: number;
  /** Relates the endpoint's answers to scores. */
  readonly scaling: Scaling;
  readonly budgetMs: number;
}

/** The scores of the rows, in their order and as many as them; every other outcome is a `CallFailure`. */
export async function scoresOf(
  ports: EndpointPorts,
  { endpoint, rows, columns, scaling, budgetMs }: Asked,
): Promise<number[]> {
  // XGBoost silently answers a row with too few columns.
  if (rows.some(({ features }) => features.length !== columns)) {
    throw new CallFailure("refused", `rows must have ${columns} features`);
  }
  const deadline = ports.now() + budgetMs;
  const signal = AbortSignal.timeout(budgetMs);
  const chunks = chunksOf(rows, MAX_BODY_BYTES, ({ features }) => csvRow(features));
  const answers = await Promise.all(
    chunks.map(async ({ items, texts }) => {
      const body = await invokeTwice(ports, endpoint, texts.join("\n"), deadline, signal);
      const found = parseScores(body);
      if (found.length !== items.length) {
        throw new CallFailure("refused", `the endpoint answered ${found.length} scores for ${items.length} rows`);
      }
      return items.map(({ features }, index) => scaleOf(scaling, features) * (found[index] ?? Number.NaN));
    }),
  );
  return answers.flat();
}

/** One retry, of failures that pass, when enough of the budget is left. A time-out has spent it. */
async function invokeTwice(
  ports: EndpointPorts,
  endpoint: string,
  body: string,
  deadline: number,
  signal: AbortSignal,
): Promise<string> {
  try {
    return await within(signal, ports.invoke(endpoint, body, signal));
  } catch (error) {
    const failure = toFailure(error);
    const wait = retryPauseMs();
    const retry = failure.kind === "throttled" || failure.kind === "unavailable";
    if (!retry || deadline - ports.now() < wait + LEAST_RETRY_MS) throw failure;
    await ports.pause(wait);
    return within(signal, ports.invoke(endpoint, body, signal)).catch((again: unknown) => {
      throw toFailure(again);
    });
  }
}

/** Calls endpoints of SageMaker. */
export const endpointPorts = (client: SageMakerRuntimeClient): EndpointPorts => ({
  now: Date.now,
  pause: (ms) => pause(ms),
  invoke: async (endpoint, body, signal) => {
    const command = new InvokeEndpointCommand({
      EndpointName: endpoint,
      ContentType: "text/csv",
      Accept: "text/csv",
      Body: Buffer.from(body),
    });
    const { Body } = await client.send(command, { abortSignal: signal }).catch((error: unknown) => {
      throw toFailure(error);
    });
    return Buffer.from(Body ?? []).toString();
  },
});
