import fc from "fast-check";
import type { Input } from "../../../../../contracts/inputs";
import type { Unlabelled } from "../../../../../contracts/run-layout";
import { chooseRows, newTask, serialise } from "../../../../../handlers/retraining/ask-labellers/logic";

const row = (task: string): Unlabelled => ({
  task,
  playerId: `player of ${task}`,
  operatorId: "operator-1",
  asOf: "2026-11-01T00:00:00Z",
  split: "train",
  context: "18-24,f,NL",
  row: "1.5,,-2e-7",
  weight: 0.5,
});

async function* chunks(text: string, size: number) {
  const bytes = Buffer.from(text);
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

/** Objects of rows, cut into chunks. */
async function* objects(parts: readonly (readonly Unlabelled[])[], size = 1_000) {
  for (const part of parts) yield chunks(serialise(part), size);
}
const choose = (
  parts: readonly (readonly Unlabelled[])[],
  from: Input<"ask-labellers">["from"],
  most: number,
  size?: number,
) => chooseRows(objects(parts, size), from, most);

const task = fc.stringMatching(/^[0-9a-f]{8}$/);
const parts = fc
  .uniqueArray(task, { maxLength: 60 })
  .chain((tasks) => fc.tuple(fc.constant(tasks.map(row)), fc.array(fc.nat({ max: 60 }), { maxLength: 5 })))
  .map(([rows, cuts]) => {
    const places = [0, ...cuts.map((cut) => Math.min(cut, rows.length)).sort((a, b) => a - b), rows.length];
    return places.slice(1).map((end, index) => rows.slice(places[index], end));
  });
const most = fc.integer({ min: 1, max: 20 });
const shuffled = <T>(all: readonly T[]) =>
  fc.shuffledSubarray([...all], { minLength: all.length, maxLength: all.length });

test("people are asked about the first unlabelled rows by task, wherever they lie", async () => {
  const withOther = parts.chain((one) => fc.tuple(fc.constant(one), shuffled(one)));
  await fc.assert(
    fc.asyncProperty(withOther, most, fc.integer({ min: 1, max: 300 }), async ([one, other], limit, size) => {
      const chosen = await choose(one, "unlabelled", limit, size);
      const first = one
        .flat()
        .sort((a, b) => (a.task < b.task ? -1 : 1))
        .slice(0, limit);
      expect(chosen).toEqual(first);
      expect(await choose(other, "unlabelled", limit)).toEqual(chosen);
    }),
  );
});

test("people are asked about the first rows that a model is unsure of, in the model's order", async () => {
  await fc.assert(
    fc.asyncProperty(parts, most, async (all, limit) => {
      expect(await choose(all, "labelling/people", limit)).toEqual(all.flat().slice(0, limit));
    }),
  );
});

test("memory is bounded: of many rows few are held", async () => {
  const limit = 10;
  let held = 0;
  const sort = Array.prototype.sort;
  jest.spyOn(Array.prototype, "sort").mockImplementation(function (this: unknown[], compare) {
    held = Math.max(held, this.length);
    return sort.call(this, compare);
  });
  const many = Array.from({ length: 5_000 }, (_, index) => row(String((index * 7_919) % 5_000).padStart(4, "0")));
  const chosen = await choose([many], "unlabelled", limit);
  jest.restoreAllMocks();
  expect(chosen.map((each) => each.task)).toEqual(Array.from({ length: limit }, (_, index) => `000${index}`));
  expect(held).toBeLessThanOrEqual(2 * limit + 1);
});

test("a line that is not JSON, or far too long, is refused", async () => {
  const object = async function* (text: string) {
    yield chunks(text, 50_000);
  };
  await expect(chooseRows(object("{"), "unlabelled", 1)).rejects.toThrow("line 1 of the rows to label is not JSON");
  await expect(chooseRows(object("x".repeat(100_001)), "unlabelled", 1)).rejects.toThrow(
    "line 1 of the rows to label is too long",
  );
});

test("a task has the row's features, missing ones as null, and no more of the row than labellers need", () => {
  const of = { model: "m", dataset: "d", featureHash: "0123456789abcdef" };
  expect(newTask(of, row("t"))).toEqual({
    ...of,
    task: "t",
    playerId: "player of t",
    operatorId: "operator-1",
    asOf: "2026-11-01T00:00:00Z",
    features: [1.5, null, -2e-7],
  });
});
