import { ask } from "../lib/emulator";
import { callApi } from "../lib/predictions";
import { UserError } from "../lib/process";
import { sampleBatch } from "../lib/sample-data";
import { type Access, apiAccess, type System } from "../lib/system";
import { endpointCalls, type Sample } from "./endpoint-calls";
import type { Result } from "./result";
import { alternate, median, milliseconds } from "./statistics";

/** Numbers of clients that send at once. */
const CLIENTS = [1, 5, 10, 20] as const;
/** As many are to get no fewer answers than so few, both of which keep all cores busy. */
const [MANY, FEW] = [20, 5] as const;
const BURST = 20;
const ROUNDS = 5;
const ROUND_MS = 2_500;

/**
 * Lets clients call one after the other for a while, each as soon as it has its answer. Calls are numbered in the order
 * in which they are made, so that what is asked for need not depend on how many clients ask.
 */
export async function answersPerSecond(
  clients: number,
  forMs: number,
  call: (number: number) => Promise<boolean>,
): Promise<{ readonly rate: number; readonly refused: number }> {
  const started = performance.now();
  let [answered, refused, calls] = [0, 0, 0];
  const client = async () => {
    while (performance.now() - started < forMs) {
      if (await call(calls++)) answered += 1;
      else refused += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return { rate: (answered * 1000) / (performance.now() - started), refused };
}

const predictionOf = async (access: Access, samples: readonly Sample[], number: number): Promise<boolean> =>
  (await callApi(access, { records: [samples[number % samples.length]] })).status === 200;

/** Measures how long a burst waits for the last answer when functions have no process yet. Throws if one is refused. */
async function measureBurst({ emulator }: System, access: Access, samples: readonly Sample[]): Promise<Result> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await ask(emulator, "/_vwt/functions", { method: "DELETE" });
    times.push(
      await milliseconds(async () => {
        const calls = Array.from({ length: BURST }, (_, number) => predictionOf(access, samples, number));
        const refused = (await Promise.all(calls)).filter((answered) => !answered).length;
        if (refused > 0) throw new UserError(`${refused} of ${BURST} clients of cold functions were refused.`);
      }),
    );
  }
  return {
    what: `${BURST} clients of cold functions, all answered`,
    value: median(times),
    unit: "ms",
    limit: { of: "value", atMost: 10_000 },
  };
}

/**
 * Measures single predictions for several clients at once, and bare calls of an endpoint by as many in turn with them.
 * Whatever their number, clients ask for the same samples in turn.
 */
export async function measureClients(system: System, at: (what: string) => void): Promise<Result[]> {
  const access = await apiAccess(system, "sample-wallet");
  const samples = sampleBatch() as Sample[];
  at(`${BURST} clients of cold functions`);
  const burst = await measureBurst(system, access, samples);
  const bare = samples.map((sample) => endpointCalls(system, sample)[0]);
  const refusals = new Map<number, number>(CLIENTS.map((clients) => [clients, 0]));
  const predictions = (clients: number) => async () => {
    const { rate, refused } = await answersPerSecond(clients, ROUND_MS, (number) =>
      predictionOf(access, samples, number),
    );
    refusals.set(clients, (refusals.get(clients) ?? 0) + refused);
    return rate;
  };
  const floor = (clients: number) => async () => {
    const { rate } = await answersPerSecond(clients, ROUND_MS, async (number) => {
      await bare[number % bare.length]?.();
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
  const rateOf = (name: string) => median(measured[name] ?? []);
  return [
    burst,
    ...CLIENTS.map((clients) => ({
      what: `predictions for ${clients} ${clients === 1 ? "client" : "clients"} at once`,
      value: rateOf(`${clients}`),
      unit: "answers/s" as const,
      detail: `${refusals.get(clients)} refused`,
      floor: { name: "InvokeEndpoint", value: rateOf(`bare ${clients}`) },
    })),
    {
      what: `  ${MANY} clients against ${FEW}`,
      value: rateOf(`${MANY}`),
      unit: "answers/s",
      floor: { name: `${FEW} clients`, value: rateOf(`${FEW}`) },
      limit: { of: "ratio", atMost: 1 },
    },
  ];
}
