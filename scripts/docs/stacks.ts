import { z } from "zod";
import type { Panels } from "./panels";

/** The source of the picture: what resources are called, and which kinds are details of others. */
export const stacksSchema = z.strictObject({
  title: z.string(),
  notes: z.array(z.string()),
  /** By stack, in the order in which they build on each other: what it is for. */
  stacks: z.record(z.string(), z.string()),
  /** By Terraform's type of resource: its name for one, and for several. */
  words: z.record(z.string(), z.tuple([z.string(), z.string()])),
  details: z.array(z.string()),
});

/** A stack's Terraform, as far as the picture shows it. */
const stack = z.object({
  resource: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  data: z.object({ terraform_remote_state: z.record(z.string(), z.unknown()).default({}) }).default({
    terraform_remote_state: {},
  }),
});

/** Synthesized Terraform by the stack's name, without the environment. */
export type Terraform = Readonly<Record<string, unknown>>;

/** Puts what each stack holds into a panel. Throws when a type of resource is neither named nor a detail. */
export function stackPanels(source: z.infer<typeof stacksSchema>, terraform: Terraform): Panels {
  const panels = Object.entries(source.stacks).map(([name, purpose]) => {
    const { resource, data } = stack.parse(terraform[name]);
    const reads = Object.keys(source.stacks).filter((other) =>
      Object.keys(data.terraform_remote_state).some((reference) => reference.endsWith(`-${other}`)),
    );
    return {
      title: `${name}: ${purpose}`,
      chips: Object.entries(resource)
        .filter(([type]) => !source.details.includes(type))
        .map(([type, byId]) => ({
          text: counted(source.words, type, Object.keys(byId).length),
          kind: "ours" as const,
        })),
      lines: reads.length > 0 ? [`reads what is in ${reads.join(", ")}`] : ["needs no other stack"],
      goesOn: false,
    };
  });
  return { title: source.title, notes: source.notes, panels };
}

function counted(words: z.infer<typeof stacksSchema>["words"], type: string, count: number): string {
  const [one, several] = words[type] ?? [];
  if (one === undefined) {
    throw new Error(`docs/diagrams/stacks.json must say what ${type} is called, or list it among "details"`);
  }
  return `${count} ${count === 1 ? one : several}`;
}
