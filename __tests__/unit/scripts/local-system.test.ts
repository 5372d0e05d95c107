import { datasets } from "../../../catalogue/datasets";
import { sampleBatch } from "../../../scripts/lib/sample-data";
import { configOfAccount } from "../../../scripts/lib/target";

test("the system of this machine is no account to prepare", () => {
  expect(() => configOfAccount("local")).toThrow(
    "local is the system of this machine, which npm start prepares. Name another: development, production.",
  );
});

test.each([
  [undefined, 10],
  [100, 10],
  [5, 4],
  [2, 2],
  [1, 1],
])("a batch of at most %p sample records has %p, as many of each dataset", (most, expected) => {
  const batch = sampleBatch(most) as { dataset: string }[];
  expect(batch).toHaveLength(expected);
  const counts = datasets.map(({ name }) => batch.filter(({ dataset }) => dataset === name).length);
  if (expected > 1) expect(new Set(counts).size).toBe(1);
});
