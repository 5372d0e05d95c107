import { readFileSync } from "node:fs";
import { join } from "node:path";
import { wholePath } from "../handlers/whole-path";

const path = wholePath();
const example = (name: string) => readFileSync(join(__dirname, "..", "..", "..", "docs", "examples", name), "utf8");

/** Fields that depend on the request, or on the model that serves. */
const VARIES = ["requestId", "predictionId", "modelVersion", "score", "riskGroup"];
const kinds = (text: string): unknown =>
  JSON.parse(text, (key, value) => (VARIES.includes(key) ? `a ${typeof value}` : value));

test("the request that docs/api.md shows is answered as it shows", async () => {
  const { statusCode, body } = await path.send(example("request.json"));
  expect(statusCode).toBe(200);
  expect(kinds(body)).toEqual(kinds(example("answer.json")));
});
