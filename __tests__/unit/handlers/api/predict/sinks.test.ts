import fc from "fast-check";
import { type Assessed, intoSinks, type Sink } from "../../../../../handlers/api/predict/sinks";
import { CallFailure } from "../../../../../handlers/lib/util/failure";

const assessed: Assessed = {
  request: { requestId: "r", dataset: "d", featureHash: "h", rows: [] },
  scoresOf: () => ({}),
  predictions: [],
};
const never = () => new Promise<never>(() => {});

/** What a sink may do, and whether it counts as failed. */
const CONDUCT = {
  takes: [async () => [1], false],
  loses: [async () => [2, 3], false],
  throws: [
    () => {
      throw new Error("at once");
    },
    true,
  ],
  rejects: [async () => Promise.reject(new CallFailure("throttled", "later")), true],
  hangs: [never, true],
  "is late": [
    async (_: Assessed, signal: AbortSignal) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      await new Promise(setImmediate);
      return [4];
    },
    true,
  ],
} as const satisfies Readonly<Record<string, readonly [Sink["take"], boolean]>>;
type Conduct = keyof typeof CONDUCT;

/** Lets all budgets end as soon as whatever needs no time is done. */
function instantBudgets(): jest.SpyInstance {
  return jest.spyOn(AbortSignal, "timeout").mockImplementation(() => {
    const controller = new AbortController();
    setImmediate(() => setImmediate(() => controller.abort()));
    return controller.signal;
  });
}
afterEach(() => jest.restoreAllMocks());

test("no sink fails a result or delays it beyond its budget, whatever it does, and all losses are told", async () => {
  const budgets = instantBudgets();
  const conducts = fc.array(fc.constantFrom(...(Object.keys(CONDUCT) as Conduct[])), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(conducts, async (names) => {
      budgets.mockClear();
      const failed: number[] = [];
      const sinks = names.map(
        (name, place): Sink => ({
          budgetMs: 100 + place,
          take: CONDUCT[name][0],
          fail: () => {
            failed.push(place);
            return [10 + place];
          },
        }),
      );
      const lost = await intoSinks(sinks, assessed);
      const failing = names.flatMap((name, place) => (CONDUCT[name][1] ? [place] : []));
      expect(failed.sort()).toEqual(failing);
      expect(budgets.mock.calls.flat()).toEqual(sinks.map(({ budgetMs }) => budgetMs));
      expect([...lost].sort((a, b) => a - b)).toEqual([
        ...(names.includes("takes") ? [1] : []),
        ...(names.includes("loses") ? [2, 3] : []),
        ...failing.map((place) => 10 + place),
      ]);
    }),
    { numRuns: 60 },
  );
});

test("sinks take a result at the same time", async () => {
  const order: string[] = [];
  const sink = (name: string, waits: Promise<unknown>): Sink => ({
    budgetMs: 60_000,
    take: async () => {
      order.push(`${name} begins`);
      await waits;
      order.push(`${name} ends`);
      return [];
    },
    fail: () => [],
  });
  await intoSinks([sink("slow", new Promise(setImmediate)), sink("quick", Promise.resolve())], assessed);
  expect(order).toEqual(["slow begins", "quick begins", "quick ends", "slow ends"]);
});
