// Sends a batch of records and prints the predictions:
// VWT_URL=… VWT_KEY=… npx tsx docs/examples/predict.ts < docs/examples/request.json
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

const { VWT_URL = "", VWT_KEY = "" } = process.env;

interface Answer {
  readonly predictions: readonly { readonly playerId: string; readonly model: string; readonly score?: number }[];
  readonly errors: readonly { readonly index: number; readonly pointer: string; readonly message: string }[];
}

interface Problem {
  readonly title: string;
  readonly detail: string;
}

/** Asks for predictions; again when the service says that it is worth waiting. Throws with the problem's own words. */
async function predict(batch: string, attempts = 5): Promise<Answer> {
  const response = await fetch(VWT_URL, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": VWT_KEY },
    body: batch,
  });
  if (response.ok) return (await response.json()) as Answer;
  const { title, detail } = (await response.json()) as Problem;
  const seconds = Number(response.headers.get("retry-after"));
  if (seconds === 0 || seconds > 60 || attempts <= 1) throw new Error(`${response.status}: ${title}. ${detail}`);
  await setTimeout(seconds * 1000);
  return predict(batch, attempts - 1);
}

predict(readFileSync(0, "utf8")).then(({ predictions, errors }) => {
  for (const { playerId, model, score } of predictions) console.log(playerId, model, score ?? "no score");
  for (const { pointer, message } of errors) console.error(pointer, message);
});
