import { measureGas } from "../bench/chain";
import { measureClients } from "../bench/clients";
import { measureDeployment } from "../bench/deployment";
import { BENCH } from "../bench/folder";
import { measureColdStarts, measureSizes } from "../bench/functions";
import { measureInterventions } from "../bench/interventions";
import { measureLatency } from "../bench/latency";
import { withOwnSystem, withSystem } from "../bench/own-system";
import { isKept, type Result, resultTable } from "../bench/result";
import { measureRetraining } from "../bench/retraining";
import { measureScoring } from "../bench/scoring";
import { SIMULATIONS } from "../bench/simulations";
import { measureSynth } from "../bench/synth";
import { measureThroughput } from "../bench/throughput";
import { exclusively } from "../lib/exclusively";
import { main } from "../lib/main";
import { UserError } from "../lib/process";
import { step } from "../lib/progress";

type Section = () => Promise<Result[]>;

const simulations = Object.entries(SIMULATIONS).map(([name, { title, run }]): [string, Section] => [
  `decisions.${name}`,
  () => step(title, ({ at }) => run(at)),
]);

const SECTIONS: Readonly<Record<string, Section>> = {
  latency: () => withSystem((system) => step("Predictions, one by one", ({ at }) => measureLatency(system, at))),
  clients: () => withSystem((system) => step("Clients at once", ({ at }) => measureClients(system, at))),
  synth: () => step("Synth of all stacks", ({ at }) => measureSynth(at)),
  size: () => step("Bundle sizes", measureSizes),
  "cold-start": () => step("Cold start of each function", ({ at }) => measureColdStarts(at)),
  decisions: async () => {
    const results: Result[] = [];
    for (const [, simulate] of simulations) results.push(...(await simulate()));
    return results;
  },
  ...Object.fromEntries(simulations),
  retraining: () => withOwnSystem((system) => step("Retraining", ({ at }) => measureRetraining(system, at))),
  interventions: () => withOwnSystem((system) => step("Interventions", ({ at }) => measureInterventions(system, at))),
  scoring: () => withOwnSystem((system) => step("Scoring of all players", ({ at }) => measureScoring(system, at))),
  deployment: () => withOwnSystem((system) => step("Deployment again", ({ at }) => measureDeployment(system, at))),
  chain: () => step("Gas of records on a chain", () => measureGas()),
  throughput: () => step("Feature throughput", ({ at }) => measureThroughput(at)),
};

/** These take minutes. */
const ON_DEMAND: ReadonlySet<string> = new Set([
  "decisions",
  ...simulations.map(([name]) => name),
  "deployment",
  "interventions",
  "retraining",
  "scoring",
]);

function sectionsWanted(only: string | undefined): Section[] {
  const names = only?.split(",") ?? Object.keys(SECTIONS).filter((name) => !ON_DEMAND.has(name));
  return names.map((name) => {
    const section = SECTIONS[name];
    if (section) return section;
    throw new UserError(`There is nothing to measure named "${name}". Choose from ${Object.keys(SECTIONS).join(",")}.`);
  });
}

/** Measures what the design promises, one thing at a time, and fails when a limit is broken. */
main("bench", ({ options }) =>
  exclusively(BENCH, async () => {
    const results: Result[] = [];
    for (const measure of sectionsWanted(options.only)) results.push(...(await measure()));
    console.log(`\n${resultTable(results)}\n`);
    const broken = results.filter((result) => isKept(result) === false);
    for (const { what } of broken) console.error(`Over its limit: ${what}`);
    return broken.length > 0 ? 1 : 0;
  }),
);
