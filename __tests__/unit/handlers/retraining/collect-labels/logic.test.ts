import fc from "fast-check";
import type { Choice } from "../../../../../catalogue/labelling/agreement";
import { OUT_OF_TIME, type RunPath, SPLITS, type Unlabelled } from "../../../../../contracts/run-layout";
import type { TaskState } from "../../../../../handlers/lib/labelling/store";
import { collect } from "../../../../../handlers/retraining/collect-labels/logic";

const row = (task: string, split: Unlabelled["split"], context = ",,"): Unlabelled => ({
  task,
  playerId: `player of ${task}`,
  operatorId: "operator-1",
  asOf: "2026-11-01T00:00:00Z",
  split,
  context,
  row: `0.5,,${Number.parseInt(task, 36)}`,
  weight: 1,
});
const agreed = (label: 0 | 1, chosen: Choice = "lot"): TaskState => ({ status: "agreed", label, chosen });

test("labelled rows go to their splits, subgroups beside the test rows only; the rest is counted", () => {
  const rows = [
    row("a", "train"),
    row("b", "test", "18-24,f,NL"),
    row("c", "test", "25-34,m,DE"),
    row("d", "train"),
    row("e", "validation"),
    row("f", "train"),
    row("g", "train"),
  ];
  const states = new Map<string, TaskState>([
    ["a", agreed(1)],
    ["b", agreed(0)],
    ["c", agreed(1)],
    ["d", agreed(0)],
    ["e", { status: "disputed" }],
    ["f", { status: "open" }],
    // Of g nothing is known.
  ]);
  const { files, collected } = collect(rows, states);
  expect(Object.fromEntries(files)).toEqual({
    "train/labelled-0.csv": "1,1,0.5,nan,10\n0,1,0.5,nan,13\n",
    "test/labelled-0.csv": "0,1,0.5,nan,11\n1,1,0.5,nan,12\n",
    "context/labelled-0.csv": "ageBand,gender,country,player\n18-24,f,NL\n25-34,m,DE\n",
  });
  expect(collected).toEqual({
    asked: 7,
    agreed: 4,
    disputed: 1,
    open: 2,
    positives: { train: 1, validation: 0, test: 1 },
    rows: { train: 2, validation: 0, test: 2 },
    outOfTime: 0,
  });
});

test("the latest rows go to the second test with their players' splits, and are counted there", () => {
  const rows = [row("a", "out-of-time", ",,,#,train"), row("b", "train"), row("c", "out-of-time", ",,,#,test")];
  const { files, collected } = collect(rows, new Map(rows.map(({ task }) => [task, agreed(1)])));
  expect(Object.fromEntries(files)).toEqual({
    "train/labelled-0.csv": "1,1,0.5,nan,11\n",
    "out-of-time/labelled-0.csv": "1,1,0.5,nan,10\n1,1,0.5,nan,12\n",
    "out-of-time/context/labelled-0.csv": "ageBand,gender,country,player,split\n,,,#,train\n,,,#,test\n",
  });
  expect(collected).toMatchObject({ agreed: 3, rows: { train: 1, validation: 0, test: 0 }, outOfTime: 2 });
});

test("the rows of a player count once together, as far as they got a label, and those of the second test apart", () => {
  const one = { playerId: "player-1" };
  const rows = [
    ...["a", "b", "c", "d"].map((task) => ({ ...row(task, "train"), ...one, weight: 0.25 })),
    { ...row("e", "out-of-time"), ...one },
    { ...row("f", "train"), ...one, operatorId: "operator-2" },
  ];
  const labelled = ["a", "b", "d", "e", "f"];
  const { files } = collect(rows, new Map(labelled.map((task) => [task, agreed(0)])));
  const third = "0.3333333333333333";
  expect(files.get("train/labelled-0.csv")).toBe(
    `0,${third},0.5,nan,10\n0,${third},0.5,nan,11\n0,${third},0.5,nan,13\n0,1,0.5,nan,15\n`,
  );
  expect(files.get("out-of-time/labelled-0.csv")).toBe("0,1,0.5,nan,14\n");
});

test("what an earlier run asked about for its uncertainty trains, and is in no split that is judged by", () => {
  const rows = ([...SPLITS, OUT_OF_TIME] as const).map((split) => row(split, split));
  const states = new Map(rows.map(({ task }) => [task, agreed(1, "uncertainty")]));
  const { files, collected } = collect(rows, states);
  expect([...files.keys()]).toEqual(["train/labelled-0.csv"]);
  expect(collected).toMatchObject({ agreed: 4, rows: { train: 1, validation: 0, test: 0 }, outOfTime: 0 });
});

test("nobody answered: no file", () => {
  const { files, collected } = collect([row("a", "test")], new Map());
  expect(files.size).toBe(0);
  expect(collected).toMatchObject({ asked: 1, agreed: 0, open: 1, rows: { train: 0, validation: 0, test: 0 } });
});

test("every agreed row is in the file of its split, in order, once and with its label; no other row is in any", () => {
  const state = fc.constantFrom<TaskState | undefined>(
    agreed(0),
    agreed(1),
    { status: "disputed" },
    { status: "open" },
    undefined,
  );
  const tasks = fc.array(fc.record({ split: fc.constantFrom(...SPLITS, OUT_OF_TIME), state }), { maxLength: 40 });
  fc.assert(
    fc.property(tasks, (all) => {
      const rows = all.map(({ split }, index) => row(String(index), split));
      const states = new Map(all.flatMap((each, index) => (each.state ? [[String(index), each.state]] : [])));
      const { files, collected } = collect(rows, states);
      for (const split of [...SPLITS, OUT_OF_TIME] as const) {
        const expected = all.flatMap((each, index) =>
          each.split === split && each.state?.label !== undefined
            ? [`${each.state.label},1,0.5,nan,${Number.parseInt(String(index), 36)}\n`]
            : [],
        );
        expect(files.get(`${split}/labelled-0.csv`) ?? "").toBe(expected.join(""));
        if (split === OUT_OF_TIME) expect(collected.outOfTime).toBe(expected.length);
        else {
          expect(collected.rows[split]).toBe(expected.length);
          expect(collected.positives[split]).toBe(expected.filter((line) => line.startsWith("1,")).length);
        }
      }
      const lines = (file: RunPath) => files.get(file)?.split("\n").length;
      const [context, test] = [lines("context/labelled-0.csv"), lines("test/labelled-0.csv")];
      // One line more: the header.
      expect(context).toBe(test === undefined ? undefined : test + 1);
      const { asked, agreed: labelled, disputed, open, rows: bySplit, outOfTime } = collected;
      expect(asked).toBe(all.length);
      expect(labelled + disputed + open).toBe(asked);
      expect(bySplit.train + bySplit.validation + bySplit.test + outOfTime).toBe(labelled);
    }),
  );
});
