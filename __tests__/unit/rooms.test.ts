import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

const root = join(__dirname, "../..");

interface Room {
  /** The rooms whose files its own import, beside each other. */
  readonly imports: readonly string[];
  /** The rooms of which they import types alone. */
  readonly typesOf?: readonly string[];
  /** Packages that none of its files import. */
  readonly without: RegExp;
  /** Set where its files may read `process.env`. */
  readonly environment: boolean;
}

const AWS_SDK = /^(@aws-sdk|@aws-lambda-powertools)\//;
const CDKTF = /^(cdktf|constructs|@cdktf\/.*)$/;
const BOTH = new RegExp(`${AWS_SDK.source}|${CDKTF.source}`);

/** Imports go one way: each room knows those above it. None knows `scripts`, which is for people, nor the tests. */
const ROOMS: Readonly<Record<string, Room>> = {
  catalogue: { imports: [], without: BOTH, environment: false },
  contracts: { imports: ["catalogue"], without: BOTH, environment: false },
  // Of the contract: what is compiled of it, and what is recorded in it.
  chain: { imports: ["catalogue", "contracts"], without: BOTH, environment: false },
  config: { imports: ["catalogue", "contracts"], without: BOTH, environment: true },
  handlers: { imports: ["catalogue", "contracts", "chain"], without: CDKTF, environment: true },
  modules: {
    imports: ["catalogue", "contracts", "config"],
    // What functions take and answer is what the state machine's variables hold.
    typesOf: ["handlers"],
    without: AWS_SDK,
    environment: true,
  },
  stacks: { imports: ["catalogue", "contracts", "config", "modules"], without: AWS_SDK, environment: false },
};

interface Import {
  /** The room of a file of ours, or the name of a package. */
  readonly room?: string;
  readonly package?: string;
  readonly typeOnly: boolean;
}

/** Lists what a source file imports, however that is written. */
function importsOf(file: string): readonly Import[] {
  const source = readFileSync(file, "utf8");
  const found = source.matchAll(/(?:^(?:import|export)( type)?\b[^;]*?\bfrom |^import |\bimport\()"([^"]+)"/gm);
  return [...found].map(([, type, name = ""]) => ({
    typeOnly: type !== undefined,
    ...(name.startsWith(".")
      ? { room: relative(root, join(file, "..", name)).split("/")[0] as string }
      : { package: name }),
  }));
}

const filesOf = (room: string): readonly string[] =>
  readdirSync(join(root, room), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(ts|mjs)$/.test(name))
    .map((name) => join(root, room, name));

describe.each(Object.entries(ROOMS))("%s", (room, { imports, typesOf = [], without, environment }) => {
  const files = filesOf(room);
  const imported = files.flatMap((file) => importsOf(file).map((each) => ({ ...each, file: relative(root, file) })));

  test("imports files of its own and of rooms above it", () => {
    const may = ({ room: other, typeOnly }: Import) =>
      other === undefined || [room, ...imports, ...(typeOnly ? typesOf : [])].includes(other);
    expect(imported.length).toBeGreaterThan(files.length / 2);
    expect(imported.filter((each) => !may(each))).toEqual([]);
  });

  test("imports no package that is another room's", () => {
    expect(imported.filter((each) => without.test(each.package ?? ""))).toEqual([]);
  });

  if (!environment) {
    test("reads no environment", () => {
      expect(files.filter((file) => readFileSync(file, "utf8").includes("process.env"))).toEqual([]);
    });
  }
});

test.each([
  ["main.ts", { room: "stacks", typeOnly: false }],
  ["main.ts", { package: "cdktf", typeOnly: false }],
  ["modules/bundling/handlers.ts", { room: "modules", typeOnly: false }],
  ["stacks/storage.ts", { room: "config", typeOnly: true }],
])("an import of %s is found", (file, expected) => {
  expect(importsOf(join(root, file))).toContainEqual(expected);
});
