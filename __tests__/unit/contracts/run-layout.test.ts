import { ROWS, RUNS, runKey } from "../../../contracts/run-layout";

test.each([
  ["manifest.json", RUNS],
  ["output/", RUNS],
  ["evaluation/baseline.json", RUNS],
  ["automatic/automatic.json", RUNS],
  ["labels.json", ROWS],
  ["train/", ROWS],
  ["unlabelled/", ROWS],
  ["labelling/asked.jsonl", ROWS],
] as const)("%s lies under %s", (path, prefix) => {
  expect(runKey("20261101-000000-abcdef", path)).toBe(`${prefix}20261101-000000-abcdef/${path}`);
});

test("a pattern fits every run", () => {
  expect(runKey("*", "counts/*")).toBe("runs/*/counts/*");
});
