import { groupObjects } from "../../handlers/lib/records/groups";
import { evaluate, mainStateMachine } from "./states";
import { synthesize } from "./synthesize";

/** Step Functions' quota "Maximum input or output size for a task, state, or execution", as UTF-8. */
const MOST_BYTES = 262_144;

const { perModel } = mainStateMachine(synthesize("production").stepFunctions);
const variables = {
  // Longer than any: AWS allows 64 characters of name, and 63 of bucket.
  modelSettings: { prepareFunction: `arn:aws:lambda:eu-west-1:111122223333:function:${"x".repeat(64)}:live` },
  model: "before-initial-deposit-problem-gambling",
  plan: { runId: "20261101-000000-abcdef", newSince: 1_793_000_000 },
  again: false,
};

/** Bytes of the child execution's input, of the task's, and of what the reader finds, in the worst spelling of JSON. */
async function sizes(group: ReturnType<typeof groupObjects>[number]): Promise<number[]> {
  const item = { context: { Map: { Item: { Index: 0, Value: group } } } };
  const { ItemSelector, ItemProcessor } = perModel["Prepare rows"] as unknown as Record<
    string,
    Record<string, unknown>
  >;
  const input = await evaluate(ItemSelector, { ...variables, states: item });
  const [task] = Object.values(ItemProcessor?.States as Record<string, { Arguments: unknown }>);
  const request = await evaluate(task?.Arguments, { states: { input } });
  const ascii = (value: unknown) => JSON.stringify(value).replace(/[^ -~]/g, "\\u0000").length;
  return [group, input, request].map(ascii);
}

const long = (index: number, filling: string) => {
  const rest = 1024 - Buffer.byteLength(`records/${index}.jsonl`);
  return `records/${index}${filling.repeat(Math.floor(rest / Buffer.byteLength(filling)))}.jsonl`;
};

test.each([
  ["5,000 objects", 5_000, (index: number) => `records/2026/11/26/operator-1/part-${index}.jsonl`],
  ["a year of five-minute files", 105_120, (index: number) => `records/${index}/2026-11-26T00:05:00Z.jsonl`],
  ["keys as long as S3 allows", 5_000, (index: number) => long(index, "a")],
  ["long keys of quotes", 5_000, (index: number) => long(index, '"\\')],
  ["long keys of letters beyond ASCII", 5_000, (index: number) => long(index, "é")],
  ["long keys of emoji", 5_000, (index: number) => long(index, "🎲")],
  ["long keys of control characters", 5_000, (index: number) => long(index, "\u0001")],
])("every group of %s is an item that Step Functions takes", async (_, count, keyOf) => {
  const objects = Array.from({ length: count }, (_each, index) => ({
    key: keyOf(index),
    size: 2_000,
    etag: '"e"',
    modifiedAt: "2026-11-26T00:00:00Z",
  }));
  const groups = groupObjects(objects);
  expect(groups.flatMap(({ keys }) => keys)).toEqual(objects.map(({ key }) => key));
  const largest = groups.reduce((one, other) =>
    JSON.stringify(one).length > JSON.stringify(other).length ? one : other,
  );
  for (const bytes of await sizes(largest)) expect(bytes).toBeLessThanOrEqual(MOST_BYTES);
  // A Map's result is one state's output too: of each group its own output, a digit and a comma.
  expect(2 * groups.length).toBeLessThanOrEqual(MOST_BYTES);
});
