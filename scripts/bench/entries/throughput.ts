import { datasetNamed } from "../../../catalogue/datasets";
import { ONE_CURRENCY } from "../../../catalogue/money";
import { recordReader } from "../../../handlers/shared/records";
import { median } from "../statistics";

/** Bundled as handlers are, and run in a process for each dataset, as functions are: prints rates as JSON. */

const OPTIONS = { seed: 20_261_123, players: 1000, now: "2026-11-01T00:00:00Z" };
const ROUNDS = 11;
const ROUND_MS = 120;

const dataset = datasetNamed(process.argv[2] ?? "");
const reader = recordReader(dataset, ONE_CURRENCY);
const texts = [...dataset.generate(OPTIONS)].map(({ record: { outcome: _, ...record } }) => JSON.stringify(record));

/** Keeps the compiler from leaving out work whose result nobody reads. */
let kept: unknown;

const stages = {
  parse: (text: string) => {
    kept = JSON.parse(text);
  },
  pipeline: (text: string) => {
    const record = JSON.parse(text);
    const [problem] = reader.check(record);
    if (problem) throw new Error(`A synthetic record is refused: ${problem.pointer} ${problem.message}`);
    kept = reader.features(record).vector;
  },
};

function recordsPerSecond(stage: (text: string) => void): number {
  const started = performance.now();
  let passes = 0;
  let elapsed = 0;
  for (; elapsed < ROUND_MS; elapsed = performance.now() - started) {
    for (const text of texts) stage(text);
    passes += 1;
  }
  return (passes * texts.length * 1000) / elapsed;
}

const rates: Record<keyof typeof stages, number[]> = { parse: [], pipeline: [] };
for (let round = 0; round <= ROUNDS; round += 1) {
  for (const name of ["parse", "pipeline"] as const) {
    const rate = recordsPerSecond(stages[name]);
    if (round > 0) rates[name].push(rate); // The first one warms up.
  }
}
const bytes = texts.reduce((total, text) => total + text.length, 0) / texts.length;
console.log(JSON.stringify({ parse: median(rates.parse), pipeline: median(rates.pipeline), bytes, kept: typeof kept }));
