import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applyUnlessDeployed, fingerprintOf } from "../../../scripts/lib/deployment";

const folder = mkdtempSync(join(tmpdir(), "vwt-deployment-"));
const record = join(folder, "deployed");
const outputs = join(folder, "outputs.json");
const NOTHING = { added: 0, changed: 0, destroyed: 0 };
const SOME = { added: 1, changed: 2, destroyed: 3 };
afterAll(() => rmSync(folder, { recursive: true }));

/** Deploys; what Terraform would change, and whether it can, is given. Says what was done. */
async function deployed(fingerprint: string, pending: readonly string[] = [], works = true) {
  const done: string[] = [];
  const changes = await applyUnlessDeployed({
    record,
    outputs,
    fingerprint,
    plans: async () => {
      done.push("planned");
      return pending;
    },
    apply: async () => {
      done.push("applied");
      expect(existsSync(record)).toBe(false);
      if (!works) throw new Error("broken off");
      writeFileSync(outputs, "{}");
      return SOME;
    },
  }).catch((error: Error) => error.message);
  return [done, changes];
}

beforeEach(async () => {
  for (const file of [record, outputs]) rmSync(file, { force: true });
  expect(await deployed("one")).toEqual([["applied"], SOME]);
});

test("stacks that have not changed since their deployment are planned, and not applied", async () => {
  for (let again = 0; again < 2; again += 1) expect(await deployed("one")).toEqual([["planned"], NOTHING]);
});

test("stacks that others have changed where they are deployed are applied", async () => {
  expect(await deployed("one", ["local-api: 1 to change"])).toEqual([["planned", "applied"], SOME]);
});

test("what differs from what was deployed is applied at once, and the other way round", async () => {
  expect(await deployed("two")).toEqual([["applied"], SOME]);
  expect(await deployed("one")).toEqual([["applied"], SOME]);
});

test("after a deployment that was broken off nothing counts as deployed", async () => {
  expect(await deployed("two", [], false)).toEqual([["applied"], "broken off"]);
  expect(await deployed("one")).toEqual([["applied"], SOME]);
});

test("without the outputs nothing counts as deployed", async () => {
  rmSync(outputs);
  expect(await deployed("one")).toEqual([["applied"], SOME]);
});

test("a fingerprint tells stacks, their names and their order apart", () => {
  const stack = (id: string, terraform: string) => ({ id, terraform });
  const different = [
    [],
    [stack("a", "b")],
    [stack("ab", "")],
    [stack("a", "c")],
    [stack("a", "b"), stack("a", "b")],
    [stack("a", "b"), stack("c", "d")],
    [stack("c", "d"), stack("a", "b")],
  ].map(fingerprintOf);
  expect(new Set(different).size).toBe(different.length);
  expect(fingerprintOf([stack("a", "b")])).toBe(fingerprintOf([stack("a", "b")]));
});
