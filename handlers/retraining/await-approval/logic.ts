import { ifHas, object, parse, text } from "../../../contracts/parse";

/** A candidate that a run waits for, kept in the run's item of the lock table: the two end together. */
export interface Waiting {
  /** ARN of the model package. */
  readonly modelPackage: string;
  /** Task token of the execution that waits. */
  readonly token: string;
}

/** A run asks to hear of the decision on its candidate. */
export interface Wait extends Waiting {
  readonly kind: "wait";
  readonly model: string;
}

/** EventBridge tells that somebody decided on a model package. */
export interface Decision {
  readonly kind: "decision";
  /** Name of the model package group. */
  readonly group: string;
  readonly modelPackage: string;
}

export interface Ports {
  /** Keeps the token with the run that holds the model; rejects when no run does. */
  readonly hold: (wait: Omit<Wait, "kind">) => Promise<void>;
  /** Finds what the model's run waits for, if it waits. */
  readonly find: (model: string) => Promise<Waiting | undefined>;
  /** Asks the registry whether a model package still wants a decision. */
  readonly isPending: (modelPackage: string) => Promise<boolean>;
  readonly resume: (token: string) => Promise<void>;
}

/** The outcome of a call: the run waits, it was told to go on, or nobody waits for this. */
export type ApprovalOutcome = "waiting" | "resumed" | "nobody-waits";

/**
 * Keeps the token first and looks at the registry after that, so that a decision made meanwhile is seen by one of the
 * two: by the look, or by the event that finds the token.
 */
export async function wait({ hold, isPending, resume }: Ports, asked: Wait): Promise<ApprovalOutcome> {
  await hold(asked);
  if (await isPending(asked.modelPackage)) return "waiting";
  await resume(asked.token);
  return "resumed";
}

/** Tells the run that waits for this decision to go on; it reads from the registry what was decided. */
export async function decide(
  { find, resume }: Ports,
  { group, modelPackage }: Decision,
  modelsByGroup: ReadonlyMap<string, string>,
): Promise<ApprovalOutcome> {
  const model = modelsByGroup.get(group);
  const waiting = model === undefined ? undefined : await find(model);
  // Versions are also approved and rejected when no run waits for them.
  if (waiting?.modelPackage !== modelPackage) return "nobody-waits";
  await resume(waiting.token);
  return "resumed";
}

const wantedWait = object({ model: text, modelPackage: text, token: text });
const registryEvent = object({ detail: object({ ModelPackageGroupName: text, ModelPackageArn: text }) });

/** Tells the two kinds of input apart. Throws what is wrong with one that is neither. */
export function parseInput(input: unknown): Wait | Decision {
  return parse(
    ifHas<Wait | Decision, Wait | Decision>(
      "detail",
      (event) => {
        const { ModelPackageGroupName: group, ModelPackageArn: modelPackage } = registryEvent(event).detail;
        return { kind: "decision", group, modelPackage };
      },
      (asked) => ({ kind: "wait", ...wantedWait(asked) }),
    ),
    input,
    "input, {model, modelPackage, token} or the registry's event:",
  );
}
