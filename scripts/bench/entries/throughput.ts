import { datasetNamed } from "../../../catalogue/datasets";
import { ONE_CURRENCY } from "../../../catalogue/datasets/kit/money";
import { labellingTask } from "../../../catalogue/labelling/modes";
import { exclusionWithin } from "../../../catalogue/labelling/outcome-labels";
import { recordReader } from "../../../handlers/lib/records/records";
import { createLineReader } from "../../../handlers/retraining/prepare/line";
import { prepare } from "../../../handlers/retraining/prepare/logic";
import { modelReader } from "../../../handlers/retraining/prepare/model-reader";
import { median } from "../statistics";

/** Prints rates as JSON. It is bundled as handlers are, and runs in a process for each dataset, as functions do. */

const OPTIONS = { seed: 20_261_123, players: 1000, now: "2026-11-01T00:00:00Z" };
const ROUNDS = 11;
const ROUND_MS = 120;

const dataset = datasetNamed(process.argv[2] ?? "");
const reader = recordReader(dataset, ONE_CURRENCY);
const records = [...dataset.generate(OPTIONS)].map(({ record }) => record);
const texts = records.map(({ outcome: _, ...record }) => JSON.stringify(record));
const object = Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(""));
/** Size of the pieces in which a network delivers bytes. */
const PIECE_BYTES = 64 * 1024;
async function* pieces() {
  for (let at = 0; at < object.length; at += PIECE_BYTES) yield object.subarray(at, at + PIECE_BYTES);
}
const readLine = createLineReader(modelReader({ needs: { groups: [] } }, reader), exclusionWithin(90), (record) =>
  labellingTask("model", record),
);

/** Keeps the compiler from leaving out work whose result nobody reads. */
let kept: unknown;

/** Stages of the work on all records, by name. */
const stages: Readonly<Record<string, () => void | Promise<void>>> = {
  parse: () => {
    for (const text of texts) kept = JSON.parse(text);
  },
  pipeline: () => {
    for (const text of texts) {
      const record = JSON.parse(text);
      const [problem] = reader.check(record);
      if (problem) throw new Error(`A synthetic record is refused: ${problem.pointer} ${problem.message}`);
      kept = reader.features(record).vector;
    }
  },
  prepare: async () => {
    const input = { runId: "run", keys: ["records/a.jsonl"] as const, modified: [0] };
    kept = await prepare(
      input,
      async () => pieces(),
      readLine,
      async () => {},
    );
  },
};

async function recordsPerSecond(stage: () => void | Promise<void>): Promise<number> {
  const started = performance.now();
  let passes = 0;
  let elapsed = 0;
  for (; elapsed < ROUND_MS; elapsed = performance.now() - started) {
    await stage();
    passes += 1;
  }
  return (passes * texts.length * 1000) / elapsed;
}

async function main(): Promise<void> {
  const rates = Object.fromEntries(Object.keys(stages).map((name): [string, number[]] => [name, []]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, stage] of Object.entries(stages)) {
      const rate = await recordsPerSecond(stage);
      if (round > 0) rates[name]?.push(rate); // The first one warms up.
    }
  }
  const medians = Object.fromEntries(Object.entries(rates).map(([name, found]) => [name, median(found)]));
  const bytes = texts.reduce((total, text) => total + text.length, 0) / texts.length;
  console.log(JSON.stringify({ ...medians, bytes, kept: typeof kept }));
}

void main();
