import { z } from "zod";
import type { Panels } from "./panels";
import type { Kind } from "./svg";

/** The parts of a state that a picture shows, as Amazon States Language writes them. */
const transition = z.object({ Next: z.string() });
const state = z.object({
  Type: z.string(),
  Next: z.string().optional(),
  Default: z.string().optional(),
  Choices: z.array(transition).default([]),
  Catch: z.array(transition).default([]),
});
const states = z.record(z.string(), state);
const definition = z.object({
  States: z.object({ "Each model": z.object({ ItemProcessor: z.object({ States: states }) }) }),
});

/** Reads the states that each model of an execution goes through out of the main state machine's definition. */
export const statesOf = (json: string): States =>
  definition.parse(JSON.parse(json)).States["Each model"].ItemProcessor.States;

/** The source of the picture: each phase with its states, in order. */
export const phasesSchema = z.strictObject({
  title: z.string(),
  notes: z.array(z.string()),
  phases: z.array(z.strictObject({ title: z.string(), states: z.array(z.string()).min(1) })),
});

type States = Readonly<Record<string, z.infer<typeof state>>>;
type Phases = z.infer<typeof phasesSchema>;

/** State to which tasks without a remedy go when they fail; the picture says so once instead of sixty times. */
const FAILED = "Failed";

const KINDS: Readonly<Record<string, Kind>> = { Choice: "choice", Wait: "outside", Pass: "data" };

/** Ends of a run: what is told of it. */
const ENDS: readonly string[] = ["Skipped", FAILED, "Rejected", "Promoted", "Rolled back"];

/**
 * Puts states into the panels of their phases, with the ways from each phase to others than the next. Throws when a
 * state has no phase, or when a phase names a state that there is not.
 */
export function statePanels({ title, notes, phases }: Phases, all: States): Panels {
  const placeOf = new Map(phases.flatMap(({ states: names }, place) => names.map((name) => [name, place] as const)));
  const homeless = Object.keys(all).filter((name) => !placeOf.has(name));
  const gone = [...placeOf.keys()].filter((name) => !(name in all));
  if (homeless.length + gone.length > 0) {
    throw new Error(
      "docs/diagrams/retraining.json must give each state a phase, and then `npm run docs`. " +
        `Without one: ${homeless.join(", ") || "none"}. No longer states: ${gone.join(", ") || "none"}`,
    );
  }
  const panels = phases.map(({ title: phase, states: own }, place) => {
    const ways = own.flatMap((from) => nextOf(all[from]).map((to) => ({ from, to, place: placeOf.get(to) ?? place })));
    const elsewhere = ways.filter((way) => way.place !== place && way.place !== place + 1);
    return {
      title: `${place + 1}  ${phase}`,
      chips: own.map((name) => ({ text: name, kind: kindOf(name, all) })),
      lines: [...new Set(elsewhere.map((way) => `${way.from} → ${way.to} (${way.place + 1})`))],
      goesOn: ways.some((way) => way.place === place + 1),
    };
  });
  return { title, notes, panels };
}

const kindOf = (name: string, all: States): Kind =>
  ENDS.includes(name) ? "end" : (KINDS[all[name]?.Type ?? ""] ?? "ours");

/** The states that a state may go to; to `Failed` only where something else than an uncaught error leads there. */
const nextOf = (from: States[string] | undefined): readonly string[] => {
  if (from === undefined) return [];
  const caught = from.Catch.map(({ Next }) => Next).filter((next) => next !== FAILED);
  const chosen = from.Choices.map(({ Next }) => Next);
  return [from.Next, ...chosen, from.Default, ...caught].filter((next) => next !== undefined);
};
