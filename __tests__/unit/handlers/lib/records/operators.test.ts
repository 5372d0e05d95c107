import { OperatorCounter } from "../../../../../handlers/lib/records/operators";

const names = Array.from({ length: 1500 }, (_, index) => `operator-${String(index).padStart(4, "0")}`);

/** Counts two rows of each operator, in one counter or in groups that are added up. */
function counted(order: readonly string[], groups = 1) {
  const parts = Array.from({ length: groups }, () => new OperatorCounter());
  for (const [index, name] of [...order, ...order].entries()) {
    parts[index % groups]?.add(name, { labelled: 1 }).mark(Buffer.from(`${name}-player`));
  }
  if (groups === 1) return parts[0]?.result();
  const all = new OperatorCounter();
  for (const { operator, players, ...numbers } of parts.flatMap((part) => part.result())) {
    all.add(operator, numbers).addAll(players);
  }
  return all.result();
}

test("of too many operators those that come first by name are counted, whatever the order of rows and groups", () => {
  const found = counted(names);
  expect(found?.map(({ operator, labelled }) => [operator, labelled])).toEqual([
    ...names.slice(0, 1000).map((name) => [name, 2]),
    ["…", 1000],
  ]);
  const shuffled = names.map((_, index) => names[(index * 1009) % names.length] as string);
  for (const order of [[...names].reverse(), shuffled]) expect(counted(order)).toEqual(found);
  for (const groups of [2, 7]) expect(counted(shuffled, groups)).toEqual(found);
});

test("a thousand operators have room, and nobody is another", () => {
  expect(counted(names.slice(0, 1000))?.map(({ operator }) => operator)).toEqual(names.slice(0, 1000));
});
