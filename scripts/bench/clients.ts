import { callApi } from "../lib/predictions";
import { sampleBatch } from "../lib/sample-data";
import { apiAccess, type System } from "../lib/system";
import { endpointCalls, type Sample } from "./endpoint-calls";
import type { Result } from "./result";
import { alternate, median } from "./statistics";

/** Numbers of clients that send at once. */
const CLIENTS = [1, 5, 10, 20] as const;
const ROUNDS = 3;
const ROUND_MS = 2_500;

/** Lets clients call one after the other for a while, each as soon as it has its answer. */
export async function answersPerSecond(
  clients: number,
  forMs: number,
  call: (client: number) => Promise<boolean>,
): Promise<{ readonly rate: number; readonly refused: number }> {
  const started = performance.now();
  let [answered, refused] = [0, 0];
  const client = async (number: number) => {
    while (performance.now() - started < forMs) {
      if (await call(number)) answered += 1;
      else refused += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
  return { rate: (answered * 1000) / (performance.now() - started), refused };
}

/** Measures single predictions for several clients at once, and bare calls of an endpoint by as many in turn with them. */
export async function measureClients(system: System, at: (what: string) => void): Promise<Result[]> {
  const access = await apiAccess(system, "sample-wallet");
  const samples = sampleBatch() as Sample[];
  const bare = samples.map((sample) => endpointCalls(system, sample)[0]);
  const refusals = new Map<number, number>(CLIENTS.map((clients) => [clients, 0]));
  const predictions = (clients: number) => async () => {
    const { rate, refused } = await answersPerSecond(clients, ROUND_MS, async (client) => {
      const record = samples[client % samples.length];
      return (await callApi(access, { records: [record] })).status === 200;
    });
    refusals.set(clients, (refusals.get(clients) ?? 0) + refused);
    return rate;
  };
  const floor = (clients: number) => async () => {
    const { rate } = await answersPerSecond(clients, ROUND_MS, async (client) => {
      await bare[client % bare.length]?.();
      return true;
    });
    return rate;
  };
  const measured = await alternate(
    ROUNDS,
    Object.fromEntries(
      CLIENTS.flatMap((clients) => [
        [`${clients}`, predictions(clients)],
        [`bare ${clients}`, floor(clients)],
      ]),
    ) as Readonly<Record<string, () => Promise<number>>>,
    at,
  );
  return CLIENTS.map((clients) => ({
    what: `predictions for ${clients} ${clients === 1 ? "client" : "clients"} at once`,
    value: median(measured[`${clients}`] ?? []),
    unit: "answers/s",
    detail: `${refusals.get(clients)} refused`,
    floor: { name: "InvokeEndpoint", value: median(measured[`bare ${clients}`] ?? []) },
  }));
}
