import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { CONTRACT_FILE, PYTHON_CONTRACT } from "../../contracts/python";
import { root } from "../lib/paths";
import { configurationPage } from "./configuration";
import { eventSchemas } from "./events";
import { drawFlow, flowSchema } from "./flow";
import { drawPanels } from "./panels";
import { compiledRegistry } from "./registry";
import { SECTIONS } from "./sections";
import { stackPanels, stacksSchema, type Terraform } from "./stacks";
import { phasesSchema, statePanels, statesOf } from "./states";

/** The environment whose Terraform the pictures show. */
export const PICTURED = "production";

const source = (name: string): unknown =>
  JSON.parse(readFileSync(join(root, "docs", "diagrams", `${name}.json`), "utf8"));

/** The definition of the one state machine of a stack. */
function definitionIn(stack: unknown): string {
  const machines = z.object({
    resource: z.object({ aws_sfn_state_machine: z.record(z.string(), z.object({ definition: z.string() })) }),
  });
  const [machine] = Object.values(machines.parse(stack).resource.aws_sfn_state_machine);
  // References of Terraform's are no JSON where they stand for numbers.
  return (machine?.definition ?? "").replace(/\$\{[^}]+\}/g, "reference");
}

/** Files that are made as a whole, by their path; some from the Terraform of the stacks of `PICTURED`. */
const WHOLE: Readonly<Record<string, (terraform: Terraform) => string>> = {
  "chain/registry.ts": compiledRegistry,
  [CONTRACT_FILE]: () => `${JSON.stringify(PYTHON_CONTRACT, null, 2)}\n`,
  "docs/configuration.md": configurationPage,
  "docs/diagrams/request-path.svg": () => drawFlow(flowSchema.parse(source("request-path"))),
  "docs/diagrams/after-prediction.svg": () => drawFlow(flowSchema.parse(source("after-prediction"))),
  "docs/diagrams/retraining.svg": (terraform) =>
    drawPanels(
      statePanels(phasesSchema.parse(source("retraining")), statesOf(definitionIn(terraform["step-functions"]))),
    ),
  ...eventSchemas,
  "docs/diagrams/stacks.svg": (terraform) => drawPanels(stackPanels(stacksSchema.parse(source("stacks")), terraform)),
};

/** Pages with sections that are made, by their path. */
const WITH_SECTIONS = [
  "SECURITY.md",
  "docs/api.md",
  "docs/architecture.md",
  "docs/deliveries.md",
  "docs/events.md",
  "docs/operations.md",
];

/** Every file that `npm run docs` makes or of which it makes sections, with its text as it should be. */
export const documents = (terraform: Terraform): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(Object.entries(WHOLE).map(([path, make]) => [path, make(terraform)])),
  ...Object.fromEntries(WITH_SECTIONS.map((path) => [path, withSections(path, terraform)])),
});

const SECTION = /(<!-- made: ([\w/.-]+) -->\n)(.*?)(<!-- end -->)/gs;

/** A page with each of its sections made anew. Throws when a section has a name that there is not. */
function withSections(path: string, terraform: Terraform): string {
  return readFileSync(join(root, path), "utf8").replace(SECTION, (_, start: string, name: string, __, end: string) => {
    const make = Object.hasOwn(SECTIONS, name) ? SECTIONS[name] : undefined;
    if (make === undefined) throw new Error(`${path} has a section "${name}", which scripts/docs/sections.ts lacks`);
    return `${start}\n${make(terraform)}\n\n${end}`;
  });
}
