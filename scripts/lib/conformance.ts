import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { ask, type Emulator, systemFolder } from "./emulator";

/** Counts of the requests since an emulator started, each held against AWS's service model. */
export interface Conformance {
  readonly botocore: string;
  /** By "service:operation". */
  readonly byOperation: Readonly<Record<string, { readonly requests: number; readonly refused: number }>>;
  readonly violations: readonly { readonly service: string; readonly operation: string; readonly text: string }[];
  /** Numbers of the requests that no model describes, by what they are. */
  readonly unread: Readonly<Record<string, number>>;
}

export const conformanceOf = async (emulator: Emulator): Promise<Conformance> =>
  (await (await ask(emulator, "/_vwt/conformance")).json()) as Conformance;

const keptOf = (name: string): string => systemFolder(name, "conformance");

/** Writes down the counts of an emulator that is about to end. */
export async function keepConformance(emulator: Emulator): Promise<void> {
  mkdirSync(keptOf(emulator.name), { recursive: true });
  const report = JSON.stringify(await conformanceOf(emulator));
  writeFileSync(systemFolder(emulator.name, "conformance", `${emulator.pid}.json`), report);
}

/** Reads the counts that were kept of a system's emulators. */
export const keptConformance = (name: string): readonly Conformance[] =>
  existsSync(keptOf(name))
    ? readdirSync(keptOf(name)).map(
        (file) => JSON.parse(readFileSync(`${keptOf(name)}/${file}`, "utf8")) as Conformance,
      )
    : [];

/** Sums the requests of one system up in a line. */
export function conformanceLine(reports: readonly Conformance[]): string {
  const counts = reports.flatMap(({ byOperation }) => Object.entries(byOperation));
  const operations = new Set(counts.map(([operation]) => operation));
  const services = new Set([...operations].map((operation) => operation.split(":")[0]));
  const requests = counts.reduce((total, [, each]) => total + each.requests, 0);
  const refused = counts.reduce((total, [, each]) => total + each.refused, 0);
  const unread = reports.flatMap((report) => Object.keys(report.unread));
  return (
    `${requests} requests of ${operations.size} operations of ${services.size} services checked against botocore ` +
    `${reports[0]?.botocore ?? "?"}, ${refused} violations` +
    (unread.length > 0 ? `; not checked: ${unread.join(", ")}` : "")
  );
}
