import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { documents, PICTURED } from "../../scripts/docs";
import { synthesize } from "./synthesize";

const root = join(__dirname, "..", "..");
const made = documents(Object.fromEntries(synthesize(PICTURED).all.map(({ name, json }) => [name, json])));

test.each(Object.keys(made))("%s is as `npm run docs` makes it", (path) => {
  const file = join(root, path);
  // Not by a comparison that prints both: a picture has hundreds of lines.
  const isNew = existsSync(file) && readFileSync(file, "utf8") === made[path];
  expect({ path, upToDate: isNew, otherwise: "run `npm run docs` and commit what it writes" }).toMatchObject({
    upToDate: true,
  });
});
