/**
 * Answers that a labeller may give. `cannot-tell` is a vote too, so that a task which nobody can judge comes to an end.
 */
export const ANSWERS = ["problem-gambling", "no-problem-gambling", "cannot-tell"] as const;
export type Answer = (typeof ANSWERS)[number];

/**
 * Ways in which records are chosen for people: by lot among those without a label, or because a labelling model was
 * unsure. What a model was unsure of says nothing of records in general, so it is trained on and judges no model.
 */
export const CHOICES = ["lot", "uncertainty"] as const;
export type Choice = (typeof CHOICES)[number];

export interface AgreementRules {
  /** Votes for the same label that make it the task's. */
  readonly votesToAgree: number;
  /** Votes after which a task without a label is given up. */
  readonly mostVotes: number;
}

export type Agreement =
  | { readonly status: "open" }
  | { readonly status: "agreed"; readonly label: 0 | 1 }
  | { readonly status: "disputed" };

/** The answers that are labels. */
const LABELS = [
  ["no-problem-gambling", 0],
  ["problem-gambling", 1],
] as const satisfies readonly (readonly [Answer, 0 | 1])[];

/** Finds the label that an answer gives; `undefined` for any other text. */
export const labelOf = (answer: string): 0 | 1 | undefined => LABELS.find(([name]) => name === answer)?.[1];

/**
 * Resolves a task by its votes, one per labeller. A task takes no votes once it is resolved, so only one label can have
 * reached `votesToAgree`.
 */
export function resolve(votes: readonly Answer[], { votesToAgree, mostVotes }: AgreementRules): Agreement {
  const counted = LABELS.map(([answer, label]) => ({ label, votes: votes.filter((vote) => vote === answer).length }));
  const agreed = counted.find(({ votes: count }) => count >= votesToAgree);
  if (agreed) return { status: "agreed", label: agreed.label };
  const left = mostVotes - votes.length;
  const reachable = counted.some(({ votes: count }) => count + left >= votesToAgree);
  // Without votes left nothing is reachable, as no label has enough already.
  return { status: reachable ? "open" : "disputed" };
}
