import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deployOrAfresh } from "../../../scripts/lib/unfinished";

const folder = mkdtempSync(join(tmpdir(), "vwt-unfinished-"));
const marker = join(folder, "unfinished");
afterEach(() => rmSync(marker, { force: true }));
afterAll(() => rmSync(folder, { recursive: true }));

const works = async () => "deployed";
const fails = async (): Promise<string> => {
  throw new Error("already exists");
};
const never = async (): Promise<string> => {
  throw new Error("must not be called");
};

test("a deployment that works leaves no mark", async () => {
  expect(await deployOrAfresh(marker, works, never)).toBe("deployed");
  expect(existsSync(marker)).toBe(false);
});

test("a failure is the user's to see the first time, and is remembered", async () => {
  await expect(deployOrAfresh(marker, fails, never)).rejects.toThrow("already exists");
  expect(existsSync(marker)).toBe(true);
});

test("after an unfinished deployment, one that works needs nothing more", async () => {
  writeFileSync(marker, "");
  expect(await deployOrAfresh(marker, works, never)).toBe("deployed");
  expect(existsSync(marker)).toBe(false);
});

test("after an unfinished deployment, one that fails starts afresh", async () => {
  writeFileSync(marker, "");
  expect(await deployOrAfresh(marker, fails, async () => "from nothing")).toBe("from nothing");
  expect(existsSync(marker)).toBe(false);
});

test("when starting afresh fails too, that failure is shown", async () => {
  writeFileSync(marker, "");
  const again = async (): Promise<string> => {
    throw new Error("no disk");
  };
  await expect(deployOrAfresh(marker, fails, again)).rejects.toThrow("no disk");
  expect(existsSync(marker)).toBe(true);
});
