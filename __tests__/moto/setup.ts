import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { IAMClient } from "@aws-sdk/client-iam";
import { KMSClient } from "@aws-sdk/client-kms";
import { DeleteBucketPolicyCommand, ListBucketsCommand } from "@aws-sdk/client-s3";
import { loadConfig } from "../../config";
import { bootstrap } from "../../scripts/lib/bootstrap";
import { freePort } from "../../scripts/lib/emulator";
import { local } from "../../scripts/lib/paths";
import { MOTO, pythonEnvironment } from "../../scripts/lib/prerequisites";
import { run, sleep } from "../../scripts/lib/process";
import { synthesize } from "../../scripts/lib/synth";
import { emulatedEnvironment, emulatorSettings, type System, systemOf } from "../../scripts/lib/system";
import { terraformSetup } from "../../scripts/lib/terraform";
import { GAPS, type Stack } from "./gaps";

/** An account in a moto server, with the environment's stacks synthesized for it. */
export interface Moto {
  readonly system: System;
  readonly server: ChildProcess;
  readonly env: NodeJS.ProcessEnv;
}

const FOLDER = local("moto");
const START_DEADLINE_MS = 120_000;

export async function startMoto(): Promise<Moto> {
  const python = await pythonEnvironment(() => {}, MOTO);
  const config = loadConfig("local");
  const port = await freePort();
  mkdirSync(FOLDER, { recursive: true });
  const log = openSync(join(FOLDER, "server.log"), "w");
  const server = spawn(python, ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)], {
    stdio: ["ignore", log, log],
    env: { ...process.env, MOTO_ACCOUNT_ID: config.accountId, MOTO_IAM_LOAD_MANAGED_POLICIES: "true" },
  });
  const url = `http://127.0.0.1:${port}`;
  const answers = () =>
    fetch(`${url}/moto-api/`).then(
      ({ ok }) => ok,
      () => false,
    );
  for (const deadline = Date.now() + START_DEADLINE_MS; !(await answers()) && Date.now() < deadline; ) await sleep(200);

  const emulator = { name: "moto", pid: server.pid as number, port, url, token: "test" };
  const system = systemOf(emulator, config);
  const settings = emulatorSettings(emulator, config);
  const clients = {
    kms: new KMSClient(settings),
    iam: new IAMClient(settings),
    logs: new CloudWatchLogsClient(settings),
  };
  await bootstrap({ ...system, ...clients }, config);
  await openBuckets(system);
  const env = { ...process.env, ...emulatedEnvironment(emulator, config), ...terraformSetup().env };
  const { environment } = config;
  await synthesize({ environment, output: join(FOLDER, "cdktf.out"), dist: join(FOLDER, "dist"), env });
  return { system, server, env };
}

async function succeed(program: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<void> {
  const { code, output } = await run(program, args, { cwd, env });
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}:\n${output.slice(-4000)}`);
}

/** Applies a stack without what moto lacks, and plans it again: the members that the second plan would change. */
export async function applyTwice({ env }: Moto, stack: Stack): Promise<readonly string[]> {
  const folder = join(FOLDER, "cdktf.out", "stacks", `local-${stack}`);
  const file = join(folder, "cdk.tf.json");
  const terraform = JSON.parse(readFileSync(file, "utf8")) as { resource: Record<string, unknown> };
  for (const type of GAPS.leftOut[stack]) {
    if (!terraform.resource[type]) throw new Error(`The stack ${stack} has no ${type}: take it out of gaps.ts`);
    delete terraform.resource[type];
  }
  writeFileSync(file, JSON.stringify(terraform));
  await succeed("terraform", ["init", "-input=false", "-no-color"], folder, env);
  await succeed("terraform", ["apply", "-auto-approve", "-input=false", "-no-color"], folder, env);
  await succeed("terraform", ["plan", "-input=false", "-no-color", "-out=second.plan"], folder, env);
  const { stdout } = await run("terraform", ["show", "-json", "second.plan"], { cwd: folder, env });
  const { resource_changes = [] } = JSON.parse(stdout) as { resource_changes?: readonly ResourceChange[] };
  const changed = resource_changes.filter(({ change }) => !change.actions.every((action) => IDLE.has(action)));
  const members = new Set(changed.flatMap(changedMembers));
  // Resources of which no member is known to differ only follow others.
  return members.size > 0 ? [...members].sort() : changed.map(({ address }) => address);
}

const IDLE: ReadonlySet<string> = new Set(["no-op", "read"]);

interface ResourceChange {
  readonly address: string;
  readonly type: string;
  readonly change: {
    readonly actions: readonly string[];
    readonly before: Readonly<Record<string, unknown>> | null;
    readonly after: Readonly<Record<string, unknown>> | null;
  };
}

/** Members whose value after is known and another; a value that is empty is none. */
function changedMembers({ type, change: { before, after } }: ResourceChange): readonly string[] {
  return Object.entries(after ?? {})
    .filter(([member, value]) => JSON.stringify(meant(value)) !== JSON.stringify(meant(before?.[member])))
    .map(([member]) => `${type}.${member}`);
}

/** A value without its empty members; null when nothing is left. */
function meant(value: unknown): unknown {
  if (Array.isArray(value)) return value.length > 0 ? value.map((element) => meant(element) ?? {}) : null;
  if (typeof value !== "object" || value === null) return value || null;
  const members = Object.entries(value)
    .map(([name, inner]) => [name, meant(inner)] as const)
    .filter(([, inner]) => inner !== null);
  return members.length === 0 ? null : Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Moto takes a statement's Deny without looking at its conditions, so the one against plain HTTP denies everything. */
export async function openBuckets({ s3 }: System): Promise<void> {
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  await Promise.all(Buckets.map(({ Name }) => s3.send(new DeleteBucketPolicyCommand({ Bucket: Name }))));
}
