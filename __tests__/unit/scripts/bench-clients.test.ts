import { answersPerSecond } from "../../../scripts/bench/clients";
import { hopsOf } from "../../../scripts/bench/latency";

test("a hop's time is without that of the hops it waits for, and all of them are the whole", () => {
  const hops = hopsOf({ prediction: 40, filter: 36, preprocess: 8, predict: 18, endpoints: 7 });
  expect(hops).toEqual({ "API Gateway": 4, filter: 10, preprocess: 8, predict: 11, endpoints: 7 });
  expect(Object.values(hops).reduce((sum, hop) => sum + hop)).toBe(40);
});

describe("clients at once", () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  const sleeping = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

  test("each sends as soon as it has its answer, and answers of all count", async () => {
    const measured = answersPerSecond(3, 1000, async () => {
      await sleeping(100);
      return true;
    });
    await jest.runAllTimersAsync();
    expect(await measured).toEqual({ rate: 30, refused: 0 });
  });

  test("what is refused is no answer", async () => {
    const measured = answersPerSecond(2, 1000, async (number) => {
      await sleeping(100);
      return number % 2 === 0;
    });
    await jest.runAllTimersAsync();
    expect(await measured).toEqual({ rate: 10, refused: 10 });
  });

  test("however many they are, what they ask for goes through the same numbers in turn", async () => {
    const asked: number[] = [];
    const measured = answersPerSecond(4, 300, async (number) => {
      asked.push(number);
      await sleeping(100);
      return true;
    });
    await jest.runAllTimersAsync();
    await measured;
    expect(asked).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  test("who is slow counts by when the last answer came", async () => {
    const measured = answersPerSecond(1, 1000, async () => {
      await sleeping(2000);
      return true;
    });
    await jest.runAllTimersAsync();
    expect(await measured).toEqual({ rate: 0.5, refused: 0 });
  });
});
