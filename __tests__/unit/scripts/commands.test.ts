import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { local } from "../../../scripts/lib/paths";
import { prerequisite } from "../../../scripts/lib/prerequisites";

const root = resolve(__dirname, "../../..");
const scratch = mkdtempSync(join(tmpdir(), "vwt-commands-"));
const SYSTEM = `commands-test-${process.pid}`;
afterEach(() => rmSync(local(SYSTEM), { recursive: true, force: true }));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A command as npm runs it, on a system of its own. */
function command(name: string, env: NodeJS.ProcessEnv = {}): Promise<{ code: number | null; output: string }> {
  return new Promise((done) => {
    const child: ChildProcess = spawn(process.execPath, ["--import", "tsx", "scripts/command.mjs", name], {
      cwd: root,
      env: { ...process.env, VWT_SYSTEM: SYSTEM, CI: "1", ...env },
    });
    let output = "";
    child.stdout?.on("data", (text) => {
      output += text;
    });
    child.stderr?.on("data", (text) => {
      output += text;
    });
    child.on("close", (code) => done({ code, output }));
  });
}

/** A folder with programs that only say their version, to stand before PATH or for it. */
function programs(versions: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(scratch, "bin-"));
  for (const [name, says] of Object.entries(versions)) {
    writeFileSync(join(folder, name), `#!/bin/sh\necho '${says}'\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

test("a missing prerequisite is named with its remedy", async () => {
  const { code, output } = await command("start", { PATH: programs({ python3: "Python 3.12.1" }) });
  expect(code).toBe(1);
  expect(output).toContain("Terraform 1.11 or later is needed, but it was not found on PATH. Install Terraform");
  expect(output).not.toContain("    at ");
});

test("a prerequisite that is too old is named with the version found", async () => {
  const before = process.env.PATH;
  process.env.PATH = programs({ terraform: "Terraform v1.5.7" });
  try {
    await expect(prerequisite("terraform")).rejects.toThrow("Terraform 1.11 or later is needed, but terraform is 1.5.");
  } finally {
    process.env.PATH = before;
  }
});

test("a busy port is named with another to choose, and nothing is left running", async () => {
  const server: Server = createServer();
  const port = await new Promise<number>((done) =>
    server.listen(0, "127.0.0.1", () => done((server.address() as { port: number }).port)),
  );
  const { code, output } = await command("start", { VWT_PORT: String(port) });
  server.close();
  expect(code).toBe(1);
  expect(output).toContain(`Port ${port} is in use by another program.`);
  expect(output).toContain(`VWT_PORT=${port + 10} npm start`);
  expect(existsSync(local(SYSTEM, "emulator.json"))).toBe(false);
});

test("status without a system says so", async () => {
  expect(await command("status")).toEqual({ code: 1, output: "The system is not running. npm start brings it up.\n" });
});

test("a file with a mistake in its syntax is named, and not the stack of who reads it", async () => {
  const broken = join(scratch, "broken");
  writeFileSync(`${broken}.ts`, "const local = {\n");
  expect(await command(relative(join(root, "scripts", "commands"), broken))).toEqual({
    code: 1,
    output: `\nThere is a mistake in a file; correct it, and run the command again:\n${broken}.ts:2:0: Expected identifier but found end of file\n`,
  });
});

test("a command whose reader has gone comes to its end, without a word", async () => {
  const child = spawn(process.execPath, ["--import", "tsx", "scripts/commands/stop.ts"], {
    cwd: root,
    env: { ...process.env, VWT_SYSTEM: SYSTEM },
  });
  child.stdout.destroy();
  let said = "";
  child.stderr.on("data", (text) => {
    said += text;
  });
  const code = await new Promise((done) => child.on("close", done));
  expect([code, said]).toEqual([0, ""]);
});
