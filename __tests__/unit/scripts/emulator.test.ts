import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { lastPort, runningEmulator, stopEmulator, wantedPort } from "../../../scripts/lib/emulator";
import { exclusively } from "../../../scripts/lib/exclusively";
import { local } from "../../../scripts/lib/paths";
import { beganAt } from "../../../scripts/lib/process";

const SYSTEM = `emulator-test-${process.pid}`;
const MEMORY = local(SYSTEM, "emulator.json");
beforeEach(() => mkdirSync(local(SYSTEM), { recursive: true }));
afterEach(() => rmSync(local(SYSTEM), { recursive: true, force: true }));

const remember = (memory: unknown) =>
  writeFileSync(MEMORY, typeof memory === "string" ? memory : JSON.stringify(memory));

/** The leader of a process group of its own that would wait for ever, as an emulator is. */
async function withLeader(work: (pid: number) => Promise<void>): Promise<void> {
  const leader = spawn("sleep", ["600"], { detached: true, stdio: "ignore" });
  const ended = new Promise((done) => leader.on("exit", done));
  try {
    await work(leader.pid as number);
  } finally {
    leader.kill("SIGKILL");
    await ended;
  }
}

test("a process has one beginning, and one that has ended has none", async () => {
  let stranger = 0;
  await withLeader(async (pid) => {
    stranger = pid;
    expect(beganAt(pid)).toMatch(/./);
    expect(beganAt(pid)).toBe(beganAt(pid));
    expect(beganAt(pid)).not.toBe(beganAt(process.pid));
  });
  expect(beganAt(stranger)).toBeUndefined();
});

test("a stranger that was given the id of an emulator that has ended is not stopped, and is not taken for it", () =>
  withLeader(async (pid) => {
    for (const began of ["long ago", "", undefined]) {
      remember({ pid, began, port: 4790 });
      expect(await stopEmulator(SYSTEM)).toBe(false);
      expect(await runningEmulator(SYSTEM)).toBeUndefined();
      expect(beganAt(pid)).toBeDefined();
    }
  }));

test("the emulator itself is stopped", () =>
  withLeader(async (pid) => {
    remember({ pid, began: beganAt(pid), port: 4790 });
    expect(await stopEmulator(SYSTEM)).toBe(true);
    expect(beganAt(pid)).toBeUndefined();
    expect(lastPort(SYSTEM)).toBe(4790);
  }));

test.each(["", "{", "null", "[]", '{"pid":"1","port":1}', "{}"])(
  "a memory of %j is damaged, and says what to do",
  (text) => {
    remember(text);
    const words = /emulator\.json is damaged.*Remove it and run the command again/;
    expect(() => lastPort(SYSTEM)).toThrow(words);
    return expect(stopEmulator(SYSTEM)).rejects.toThrow(words);
  },
);

test("the port that was chosen once is kept, and asking for another comes first", () => {
  expect([wantedPort(undefined, undefined), wantedPort("", 4790), wantedPort("5000", 4790)]).toEqual([
    4566, 4790, 5000,
  ]);
  for (const wrong of ["80", "65536", "4566.5", "a", "-1"]) {
    expect(() => wantedPort(wrong, 4790)).toThrow(`VWT_PORT must be a port from 1024 to 65535, not "${wrong}"`);
  }
});

describe("one command at a time", () => {
  const holder = (held: unknown) => writeFileSync(local(SYSTEM, "command.json"), JSON.stringify(held) ?? "{");
  const work = async () => JSON.parse(readFileSync(local(SYSTEM, "command.json"), "utf8")).pid as number;

  test("another one waits its turn, by saying so", async () => {
    holder({ pid: process.pid, began: beganAt(process.pid) });
    await expect(exclusively(SYSTEM, work)).rejects.toThrow(`Another command (process ${process.pid})`);
  });

  test.each([
    ["one that died", { pid: 2 ** 22 + 1, began: "then" }],
    ["one that died and whose id is another's by now", { pid: process.pid, began: "then" }],
    ["half a file", undefined],
  ])("%s is no obstacle", async (_, held) => {
    holder(held);
    expect(await exclusively(SYSTEM, work)).toBe(process.pid);
    expect(await exclusively(SYSTEM, work)).toBe(process.pid);
  });
});
