import { drawFlow, flowSchema } from "../../../scripts/docs/flow";
import { drawPanels } from "../../../scripts/docs/panels";
import { stackPanels, stacksSchema } from "../../../scripts/docs/stacks";
import { phasesSchema, statePanels, statesOf } from "../../../scripts/docs/states";

const states = statesOf(
  JSON.stringify({
    States: {
      "Each model": {
        ItemProcessor: {
          States: {
            Ask: { Type: "Task", Next: "Enough?", Catch: [{ ErrorEquals: ["States.ALL"], Next: "Failed" }] },
            "Enough?": { Type: "Choice", Choices: [{ Next: "Ask" }], Default: "Failed" },
            Failed: { Type: "Pass", End: true },
          },
        },
      },
    },
  }),
);
const phases = (...lists: string[][]) =>
  phasesSchema.parse({
    title: "States",
    notes: [],
    phases: lists.map((each, index) => ({ title: `Phase ${index}`, states: each })),
  });

test("a phase tells its ways to others than the next, and not that a task may fail", () => {
  const { panels } = statePanels(phases(["Ask"], ["Enough?"], ["Failed"]), states);
  expect(panels.map(({ lines, goesOn }) => ({ lines, goesOn }))).toEqual([
    { lines: [], goesOn: true },
    { lines: ["Enough? → Ask (1)"], goesOn: true },
    { lines: [], goesOn: false },
  ]);
});

test("a state without a phase, and a phase with a state that is gone, are named with the remedy", () => {
  expect(() => statePanels(phases(["Ask", "Tell"], ["Failed"]), states)).toThrow(
    /give each state a phase, and then `npm run docs`. Without one: Enough\?. No longer states: Tell/,
  );
});

test("a type of resource that nobody has named is named with the remedy", () => {
  const source = stacksSchema.parse({ title: "Stacks", notes: [], stacks: { api: "" }, words: {}, details: [] });
  expect(() => stackPanels(source, { api: { resource: { aws_wafv2_web_acl: { one: {} } } } })).toThrow(
    'docs/diagrams/stacks.json must say what aws_wafv2_web_acl is called, or list it among "details"',
  );
});

test("an arrow without a box is refused, and texts are escaped", () => {
  const box = { column: 0, row: 0, kind: "ours", lines: ["a < b & c"] };
  const flow = (arrows: object[]) => flowSchema.parse({ title: "Flow", boxes: { a: box }, arrows });
  expect(() => drawFlow(flow([{ from: "a", to: "b" }]))).toThrow('"Flow" has an arrow to or from "b", which is no box');
  expect(drawFlow(flow([]))).toContain("a &lt; b &amp; c");
});

test("a picture is the same whenever it is drawn, and as wide as the page however much is in a panel", () => {
  const chips = Array.from({ length: 40 }, (_, index) => ({ text: `chip ${index}`, kind: "ours" as const }));
  const draw = () =>
    drawPanels({ title: "Panels", notes: [], panels: [{ title: "One", chips, lines: [], goesOn: false }] });
  expect(draw()).toBe(draw());
  const right = [...draw().matchAll(/<rect x="([\d.]+)"[^>]*? width="([\d.]+)"/g)].map(
    ([, x, width]) => Number(x) + Number(width),
  );
  expect(Math.max(...right)).toBeLessThanOrEqual(1080);
});
