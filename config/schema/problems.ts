import type { z } from "zod";

/** Longer values are cut: what is wrong is one key, and a configuration has hundreds. */
const MOST = 60;

/** Words zod's own messages so that they name what is wanted and what to do. Messages of our own come before them. */
export const inWords: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined ? `is missing; give it a ${issue.expected}` : `must be a ${issue.expected}`;
    case "too_small":
      return `must be ${issue.inclusive === false ? "above" : "at least"} ${issue.minimum}${unitOf(issue.origin)}; raise it`;
    case "too_big":
      return `must be ${issue.inclusive === false ? "below" : "at most"} ${issue.maximum}${unitOf(issue.origin)}; lower it`;
    case "invalid_value":
      return `must be one of ${issue.values.map((value) => JSON.stringify(value)).join(", ")}`;
    case "invalid_format":
      return `must match ${issue.format === "regex" ? issue.pattern : issue.format}; correct it`;
    case "invalid_key":
      return "is no name that can be used here; rename it";
    case "invalid_union":
      return `must be one of several kinds${issue.discriminator ? `, told apart by "${issue.discriminator}"` : ""}; correct it`;
    default:
      return undefined;
  }
};

const UNITS: Readonly<Record<string, string>> = { string: " characters", array: " entries", set: " entries" };
const unitOf = (origin: string): string => UNITS[origin] ?? "";

interface Problem {
  readonly path: readonly string[];
  readonly text: string;
}

/** Writes a line for each thing that is wrong; what is wrong with every model in the same way is one. */
export function problemLines(input: unknown, issues: readonly z.core.$ZodIssue[], models: readonly string[]): string[] {
  const problems = issues.flatMap((issue) => problemsOf(input, issue));
  const isOfModel = ({ path }: Problem) => path[0] === "models" && path.length > 2;
  const alike = (one: Problem, other: Problem) =>
    isOfModel(one) && isOfModel(other) && shown(one.path.slice(2), one.text) === shown(other.path.slice(2), other.text);
  const lines = problems.map((problem) => {
    const of = problems.filter((each) => alike(problem, each)).length;
    return of > 1 && of === models.length
      ? shown(["models", "(every)", ...problem.path.slice(2)], problem.text)
      : shown(problem.path, problem.text);
  });
  return [...new Set(lines)];
}

const shown = (path: readonly string[], text: string): string => `${path.join(".") || "(the whole)"}: ${text}`;

function problemsOf(input: unknown, issue: z.core.$ZodIssue): Problem[] {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: [...path, key], text: "is no setting; remove it, or correct its name" }));
  }
  // The key itself, and not what it holds.
  if (issue.code === "invalid_key") return [{ path, text: issue.issues.map(({ message }) => message).join("; ") }];
  return [{ path, text: `${issue.message} (found ${found(input, issue.path)})` }];
}

function found(input: unknown, path: readonly PropertyKey[]): string {
  const value = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], input);
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > MOST ? `${text.slice(0, MOST)}…` : text;
}
