import fc from "fast-check";
import { type Registered, superseded } from "../../../../../handlers/retraining/prune-versions/logic";

const version = (day: number): string => `2026110${day}-000000-abcdef`;
const registered = (...days: readonly number[]): Registered[] =>
  days.map((day) => ({ arn: `arn:${day}`, version: version(day) }));

test("all but the newest versions go, the oldest first, with their folders", () => {
  expect(superseded(registered(5, 4, 3, 2, 1), [1, 2, 3, 4, 5].map(version), version(5), 2)).toEqual({
    versions: registered(1, 2, 3),
    folders: [1, 2, 3].map(version),
  });
});

test("an old version that serves stays", () => {
  expect(superseded(registered(5, 4, 3, 2, 1), [1, 2, 3, 4, 5].map(version), version(2), 2)).toEqual({
    versions: registered(1, 3),
    folders: [1, 3].map(version),
  });
});

test("runs that never came to be registered go too, but for the newest", () => {
  // 9 failed just now, 6 and 3 did long ago; 8 and 7 are the versions to keep.
  expect(superseded(registered(8, 7, 1), [1, 3, 6, 7, 8, 9].map(version), version(8), 2)).toEqual({
    versions: registered(1),
    folders: [1, 3, 6].map(version),
  });
});

test("the version that serves stays although somebody took it from the registry", () => {
  expect(superseded(registered(5, 4), [1, 2, 3, 4, 5].map(version), version(1), 2).folders).toEqual(
    [2, 3].map(version),
  );
});

test("the model that Terraform made is no version and has no folder", () => {
  expect(superseded([], [], "initial", 1)).toEqual({ versions: [], folders: [] });
  expect(superseded(registered(2, 1), [1, 2].map(version), "initial", 5)).toEqual({ versions: [], folders: [] });
});

describe("whatever was trained", () => {
  /** Runs in the order of time: whether each was registered, and whether its folder is still there. */
  const runs = fc.array(fc.record({ registered: fc.boolean(), folder: fc.boolean() }), { maxLength: 30 });
  const state = fc.tuple(runs, fc.nat(), fc.integer({ min: 1, max: 10 })).map(([all, which, keep]) => {
    const named = all.map((run, index) => ({ ...run, name: `20261101-${String(index).padStart(6, "0")}-abcdef` }));
    const versions = named
      .filter((run) => run.registered)
      .map(({ name }) => ({ arn: `arn:${name}`, version: name }))
      .reverse();
    return {
      versions,
      folders: named.filter((run) => run.folder).map(({ name }) => name),
      serving: versions[which % (versions.length + 1)]?.version ?? "initial",
      keep,
    };
  });
  const holds = (
    check: (of: typeof state extends fc.Arbitrary<infer T> ? T : never, gone: ReturnType<typeof superseded>) => void,
  ) =>
    fc.assert(
      fc.property(state, (of) => check(of, superseded(of.versions, of.folders, of.serving, of.keep))),
      { numRuns: 300 },
    );

  test("neither what serves nor one of the newest versions goes", () => {
    holds(({ versions, serving, keep }, gone) => {
      const retired = gone.versions.map((each) => each.version);
      expect(retired).not.toContain(serving);
      for (const newest of versions.slice(0, keep)) expect(retired).not.toContain(newest.version);
      expect(versions.length - retired.length).toBeLessThanOrEqual(keep + 1);
    });
  });

  test("a version that stays keeps its folder, and one that goes keeps nothing", () => {
    holds(({ versions, folders, serving }, gone) => {
      const retired = new Set(gone.versions.map((each) => each.version));
      for (const { version: name } of versions) {
        if (!retired.has(name)) expect(gone.folders).not.toContain(name);
        else if (folders.includes(name)) expect(gone.folders).toContain(name);
      }
      expect(gone.folders).not.toContain(serving);
    });
  });

  test("the newest runs stay unless their version goes, and what stays is bounded", () => {
    holds(({ folders, keep }, gone) => {
      const retired = gone.versions.map((each) => each.version);
      for (const newest of folders.slice(-keep)) {
        if (!retired.includes(newest)) expect(gone.folders).not.toContain(newest);
      }
      // The newest runs, the newest versions, and the one that serves.
      expect(folders.length - gone.folders.length).toBeLessThanOrEqual(2 * keep + 1);
    });
  });

  test("pruning again right away finds nothing", () => {
    holds(({ versions, folders, serving, keep }, gone) => {
      const left = versions.filter((each) => !gone.versions.includes(each));
      const leftFolders = folders.filter((each) => !gone.folders.includes(each));
      const again = superseded(left, leftFolders, serving, keep);
      expect(again.versions).toEqual([]);
      expect(again.folders).toEqual([]);
    });
  });
});
