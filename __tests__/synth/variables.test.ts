import { mainStateMachine, type State } from "./states";
import { synthesize } from "./synthesize";

// A variable that was never assigned reads as nothing, which in JSONata is no error: a name in a job's request would
// just lack a part. So every way through the machine is walked.

const { perModel, definition } = mainStateMachine(synthesize("production").stepFunctions);

type Names = ReadonlySet<string>;

/** Variables that the expressions within a value read, other than those that they bind themselves. */
function readBy(value: unknown): Names {
  const expressions = [...JSON.stringify(value ?? "").matchAll(/\{% (.*?) %\}/g)].map(
    ([, expression = ""]) => expression,
  );
  return new Set(
    expressions.flatMap((expression) => {
      const bound = new Set(
        [...expression.matchAll(/\$(\w+) :=|function\(([^)]*)\)/g)].flatMap(([, variable, parameters]) =>
          variable ? [variable] : [...(parameters ?? "").matchAll(/\$(\w+)/g)].map(([, parameter]) => parameter),
        ),
      );
      const read = [...expression.matchAll(/\$([a-zA-Z]\w*)\b(?!\()/g)].map(([, name = ""]) => name);
      return read.filter((name) => name !== "states" && !bound.has(name));
    }),
  );
}

const assigned = (part: { readonly Assign?: object } | undefined): readonly string[] => Object.keys(part?.Assign ?? {});

/** Lists the states that a state goes to, each with the variables that are assigned on the way. */
const exitsOf = ({ Next, Default, Choices = [], Catch = [], ...state }: State) => [
  ...[...Choices, ...Catch].map((way) => ({ to: way.Next, assigns: assigned(way) })),
  ...[Next, Default].flatMap((to) => (to === undefined ? [] : [{ to, assigns: assigned(state) }])),
];

/** Ways that a run of a kind never takes: from a state to another. */
type Never = Readonly<Record<string, string>>;

/** Finds the states that a kind of run may reach, each with the variables that are assigned on every way there. */
function assignedBefore(start: string, known: readonly string[], never: Never): ReadonlyMap<string, Names> {
  const before = new Map<string, Names>([[start, new Set(known)]]);
  const waiting = [start];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    for (const { to, assigns } of exitsOf(perModel[name] as State)) {
      if (never[name] === to) continue;
      const here = new Set([...(before.get(name) as Names), ...assigns]);
      const found = before.get(to);
      const both = found === undefined ? here : new Set([...found].filter((variable) => here.has(variable)));
      if (both.size !== found?.size) {
        before.set(to, both);
        waiting.push(to);
      }
    }
  }
  return before;
}

/** Variables that a state reads although not every way there assigns them. */
const MAY_BE_MISSING: Readonly<Record<string, readonly string[]>> = {
  // Compared with `true`: a run that ends before it is selected has taken nothing out of auto scaling.
  "Does it scale?": ["unscaled"],
  // Reached only where `$unscaled` is, which is assigned together with them.
  "Register scaling": ["modelSettings"],
  "Put scaling policy": ["modelSettings"],
};

test.each<[string, Never]>([
  ["that trains", { "What to do?": "Find version", "Promoted or rolled back?": "Rolled back" }],
  ["that rolls back", { "What to do?": "Plan", "Promoted or rolled back?": "Record run" }],
])("a run %s reads only variables that were assigned, whichever way it took", (_, never) => {
  const before = assignedBefore("Select", assigned(definition.States.Settings), never);
  const missing = [...before].flatMap(([name, known]) => {
    const { ItemProcessor: _, ...state } = perModel[name] as State;
    return [...readBy(state)]
      .filter((variable) => !known.has(variable) && !MAY_BE_MISSING[name]?.includes(variable))
      .map((variable) => `${name} reads $${variable}`);
  });
  expect(missing).toEqual([]);
});

test("no variable is assigned that nothing reads", () => {
  const read = readBy([perModel, definition]);
  const written = Object.values(perModel).flatMap((state) => [
    ...assigned(state),
    ...exitsOf(state).flatMap(({ assigns }) => assigns),
  ]);
  expect([...new Set(written)].filter((variable) => !read.has(variable))).toEqual([]);
});
