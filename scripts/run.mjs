// The way into every npm script. Runs from a clone with nothing installed, so it uses Node alone until the packages
// are there; then it hands over to scripts/command.mjs, which loads scripts/commands/<name>.ts.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const [command, ...args] = process.argv.slice(2);

const major = Number(process.versions.node.split(".")[0]);
if (major < 20) {
  console.error(`Node.js ${process.versions.node} is too old: install Node.js 20 or later.`);
  process.exit(1);
}

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

const run = (program, programArgs) =>
  new Promise((done) => {
    const child = spawn(program, programArgs, { cwd: root, stdio: "inherit" });
    child.on("error", (error) => {
      console.error(`${program} could not be started: ${error.message}`);
      done(1);
    });
    for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
    child.on("exit", (code, signal) => done(code ?? (signal ? 130 : 1)));
  });

// The stamp tells packages of this very lock file from older ones, and whole installations from broken-off ones.
const stamp = join(root, "node_modules", ".vwt-installed");
const wanted = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");
if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
  const started = Date.now();
  console.log("Installing npm packages …");
  // The lock file names each package's version and checksum, so what npm has of a package's page cannot be too old.
  const code = await run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline"]);
  if (code !== 0) {
    console.error("npm ci failed (see above). Check the connection to the npm registry and run this again.");
    process.exit(code);
  }
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
  console.log(`Installed npm packages in ${Math.round((Date.now() - started) / 1000)} s`);
}

process.exitCode = await run(process.execPath, [
  "--import",
  "tsx",
  join("scripts", "command.mjs"),
  command.replace(":", "-"),
  ...args,
]);
