import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./paths";
import { run, runOrThrow, tail, UserError } from "./process";

interface Prerequisite {
  readonly name: string;
  /** Programs to look for, the preferred one first, and how they are asked for their version. */
  readonly programs: readonly string[];
  readonly args: readonly string[];
  readonly pattern: RegExp;
  readonly minimum: readonly [major: number, minor: number];
  readonly remedy: string;
}

export const PREREQUISITES = {
  python: {
    name: "Python",
    programs: ["python3", "python"],
    args: ["--version"],
    pattern: /Python (\d+)\.(\d+)/,
    minimum: [3, 10],
    remedy: "Install Python 3.10 or later (python.org, or your system's package python3 with python3-venv).",
  },
  terraform: {
    name: "Terraform",
    programs: ["terraform"],
    args: ["version"],
    pattern: /Terraform v(\d+)\.(\d+)/,
    minimum: [1, 11],
    remedy: "Install Terraform 1.11 or later (developer.hashicorp.com/terraform/install).",
  },
} as const satisfies Record<string, Prerequisite>;

/** Finds the program of a prerequisite. Throws a `UserError` that says what is missing or too old, and the remedy. */
export async function prerequisite(key: keyof typeof PREREQUISITES): Promise<string> {
  const { name, programs, args, pattern, minimum, remedy }: Prerequisite = PREREQUISITES[key];
  const found: string[] = [];
  for (const program of programs) {
    const answer = await run(program, args).catch(() => undefined);
    const version = answer?.output.match(pattern)?.slice(1, 3).map(Number);
    if (!version) continue;
    const [major = 0, minor = 0] = version;
    if (major > minimum[0] || (major === minimum[0] && minor >= minimum[1])) return program;
    found.push(`${program} is ${major}.${minor}`);
  }
  throw new UserError(
    `${name} ${minimum.join(".")} or later is needed, but ${found.join(" and ") || "it was not found on PATH"}. ${remedy}`,
  );
}

interface VirtualEnvironment {
  readonly folder: string;
  /** Files of requirements: the one that is installed, and those that it includes. */
  readonly requirements: readonly [string, ...string[]];
}

const PROJECT: VirtualEnvironment = {
  folder: ".venv",
  requirements: ["local/requirements-dev.txt", "local/requirements.txt", "containers/xgboost/requirements.txt"],
};
/** checkov wants other versions of what the emulator needs too. */
export const CHECKOV: VirtualEnvironment = {
  folder: ".venv-checkov",
  requirements: ["local/requirements-checkov.txt"],
};

/** So does moto, the second emulator. */
export const MOTO: VirtualEnvironment = {
  folder: ".venv-moto",
  requirements: ["local/requirements-moto.txt"],
};

/**
 * Has Python keep what it compiles: under a shell that wants nothing kept, each program of the project would compile what
 * it uses again, which takes a second or two.
 */
export const KEEPS_COMPILED = { PYTHONDONTWRITEBYTECODE: "" };

const interpreterOf = (environment: string): string => join(environment, "bin/python");

/**
 * Makes a virtual environment, the project's own by default, or renews it when its requirements changed. Returns its
 * interpreter.
 */
export async function pythonEnvironment(
  at: (what: string) => void,
  { folder, requirements }: VirtualEnvironment = PROJECT,
): Promise<string> {
  const environment = join(root, folder);
  const interpreter = interpreterOf(environment);
  const stamp = join(environment, ".vwt-installed");
  const wanted = createHash("sha256");
  for (const file of requirements) wanted.update(readFileSync(join(root, file)));
  const digest = wanted.digest("hex");
  if (existsSync(stamp) && existsSync(interpreter) && readFileSync(stamp, "utf8") === digest) return interpreter;

  rmSync(environment, { recursive: true, force: true });
  at(`creating ${folder}`);
  await install(environment, interpreter, join(root, requirements[0]), at);
  writeFileSync(stamp, digest);
  return interpreter;
}

const INSTALLER = join(root, "local", "requirements-installer.txt");
const PIP = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];

/**
 * Makes a virtual environment and installs a file of requirements by uv, in a third of pip's CPU time. uv knows nothing
 * of pip's settings, such as an index of one's own, and is not built for every platform: where it fails, pip has the last
 * word. Modules are compiled when they are first used, which is a tenth of them.
 */
async function install(
  environment: string,
  interpreter: string,
  file: string,
  onLine: (line: string) => void,
): Promise<void> {
  const python = async (program: string, ...args: readonly string[]) =>
    (await run(program, args, { onLine }).catch(() => ({ code: 1 }))).code === 0;
  const uv = (program: string) =>
    python(program, "-m", "uv", "pip", "install", "--quiet", "--python", interpreter, "--system-certs", "-r", file);
  // The project's own environment has uv, which makes another in a tenth of a second; by itself Python takes four.
  const own = interpreterOf(join(root, PROJECT.folder));
  if ((await python(own, "-m", "uv", "venv", "--quiet", "--python", own, environment)) && (await uv(own))) return;

  await runOrThrow(await prerequisite("python"), ["-m", "venv", "--clear", environment], {
    explain: ({ output }) =>
      `The virtual environment ${environment} could not be made. On Debian and Ubuntu install python3-venv.\n${tail(output)}`,
  });
  if ((await python(interpreter, ...PIP, "--only-binary", ":all:", "-r", INSTALLER)) && (await uv(interpreter))) return;
  await runOrThrow(interpreter, [...PIP, "-r", file], {
    onLine,
    explain: ({ output }) =>
      `pip could not install the Python packages. Check the connection to the package index and run this again.\n${tail(output)}`,
  });
}
