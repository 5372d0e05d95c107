// Loads a command by its name. A file with a mistake in its syntax, such as a configuration, fails before the command
// could say anything, so it is told of here.
import { createRequire } from "node:module";

const [name] = process.argv.splice(2, 1);
try {
  createRequire(import.meta.url)(`./commands/${name}.ts`);
} catch (error) {
  // esbuild's, by which tsx reads TypeScript: a heading, and lines of `<file>:<line>:<column>: ERROR: <what>`.
  if (error.name !== "TransformError") throw error;
  const [, ...places] = error.message.replaceAll(`${process.cwd()}/`, "").replaceAll(" ERROR:", "").split("\n");
  console.error(`\nThere is a mistake in a file; correct it, and run the command again:\n${places.join("\n")}`);
  process.exitCode = 1;
}
