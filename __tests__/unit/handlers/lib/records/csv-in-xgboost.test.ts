import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { csvRow, trainingRow } from "../../../../../handlers/lib/records/csv";
import { pythonEnvironment } from "../../../../../scripts/lib/prerequisites";

/**
 * Reads files as the built-in container reads a channel: `get_csv_dmatrix` in `data_utils.py` of
 * aws/sagemaker-xgboost-container takes the delimiter from the first line and leaves the rest to XGBoost. Prints, of each
 * file, its columns and its rows of `[label, weight, ...values]`, `null` where XGBoost has no value.
 */
const READ = `
import csv, json, math, sys
import xgboost as xgb
def read(path):
    with open(path) as file:
        delimiter = csv.Sniffer().sniff(file.readline()).delimiter
    matrix = xgb.DMatrix(f"{path}?format=csv&label_column=0&delimiter={delimiter}&weight_column=1")
    told = zip(matrix.get_label().tolist(), matrix.get_weight().tolist())
    rows = [[*each] + [None] * matrix.num_col() for each in told]
    values = matrix.get_data()
    for index, row in enumerate(rows):
        for place in range(values.indptr[index], values.indptr[index + 1]):
            value = float(values.data[place])
            row[2 + int(values.indices[place])] = None if math.isnan(value) else value
    return [matrix.num_col(), rows]
print(json.dumps([read(path) for path in sys.argv[1:]]))
`;

type Table = readonly (readonly (number | null)[])[];

async function readByXgboost(texts: readonly string[]): Promise<[columns: number, rows: Table][]> {
  const python = await pythonEnvironment(() => {});
  const folder = mkdtempSync(join(tmpdir(), "vwt-csv-"));
  try {
    const paths = texts.map((text, index) => {
      const path = join(folder, `${index}.csv`);
      writeFileSync(path, text);
      return path;
    });
    return JSON.parse(execFileSync(python, ["-c", READ, ...paths], { encoding: "utf8", stdio: "pipe" }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const textOf = (table: Table) =>
  table.map(([label, weight, ...values]) => `${trainingRow(label ?? 0, weight ?? 0, csvRow(values))}\n`).join("");

const TRAILING = [
  [1, 0.25, 0.5, null, null],
  [0, 1, null, null, null],
];

function anyTables(): Table[] {
  const value = fc.option(
    fc.oneof(fc.double({ noNaN: true }), fc.double({ noNaN: true, min: -1e22, max: 1e22 }), fc.maxSafeInteger()),
  );
  const label = fc.constantFrom(0, 1, 12.5);
  const weight = fc.constantFrom(1, 1 / 3, 1 / 48, 0.7);
  const table = fc.integer({ min: 1, max: 8 }).chain((columns) => {
    const values = fc.array(value, { minLength: columns, maxLength: columns });
    const row = fc.tuple(label, weight, values).map(([first, second, rest]) => [first, second, ...rest]);
    return fc.array(row, { minLength: 1, maxLength: 6 });
  });
  return fc.sample(table, 250);
}

const tables = anyTables();
/** What XGBoost reads of the texts of all tests, in one process: to start it takes longer than to read. */
let trailing: [columns: number, rows: Table];
let empty: [columns: number, rows: Table];
let read: [columns: number, rows: Table][];
beforeAll(async () => {
  [trailing, empty, ...read] = (await readByXgboost([
    textOf(TRAILING),
    "1,1,0.5,,\n0,1,,,\n",
    ...tables.map(textOf),
  ])) as [typeof trailing, typeof empty, ...typeof read];
});

test("trailing columns that are missing in every row are there, and missing", () => {
  expect(trailing).toEqual([3, TRAILING]);
});

test("empty fields would not do: XGBoost makes as many columns as it saw values", () => {
  expect(empty[0]).toBe(1);
});

test("any rows come out of XGBoost's parser with the same columns, values and missing values", () => {
  const changed = tables.filter((written, index) => {
    const [columns, rows] = read[index] ?? [0, []];
    return columns + 2 !== written[0]?.length || !rows.every((row, place) => isSame(row, written[place] ?? []));
  });
  expect(changed.slice(0, 1)).toEqual([]);
});

/** XGBoost's parser rounds less well than IEEE 754 asks, and knows nothing below the least normal float32. */
const isSame = (read: Table[number], written: Table[number]) =>
  read.every((found, column) => {
    const single = Math.fround(written[column] ?? Number.NaN);
    if (!Number.isFinite(single)) return found === null;
    return found !== null && Math.abs(found - single) <= 1e-6 * Math.abs(single) + 1e-37;
  });
