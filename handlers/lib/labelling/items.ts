import { type Agreement, type AgreementRules, ANSWERS, type Answer } from "../../../catalogue/labelling/agreement";
import { arrayOf, nullable, number, oneOf, parse, parseJson } from "../../../contracts/parse";
import { type Item, numberOf, S, textOf } from "../aws/items";

/** Items of the label table, and how they are written: docs/contracts.md, "Label table". */

/** A player whom people are asked about. */
export interface NewTask {
  /** 32 hexadecimal digits. */
  readonly task: string;
  readonly model: string;
  readonly dataset: string;
  /** Layout of `features`; a task of another layout cannot be shown. */
  readonly featureHash: string;
  readonly operatorId: string;
  readonly playerId: string;
  readonly asOf: string;
  /** In the dataset's order. */
  readonly features: readonly (number | null)[];
}

export interface Task extends NewTask {
  /** How many labellers have answered. */
  readonly votes: number;
  /** The deadline of the run that asked last; RFC 3339. */
  readonly deadline: string;
}

export interface Run {
  readonly model: string;
  readonly runId: string;
  /** Tasks that the run asked about: each is open, agreed or disputed. */
  readonly asked: number;
  readonly open: number;
  readonly agreed: number;
  readonly disputed: number;
  /** RFC 3339 */
  readonly deadline: string;
  /** The task token of the execution that waits. */
  readonly token?: string;
}

/** One task as a vote finds it. */
export interface Ballot extends AgreementRules {
  readonly model: string;
  readonly runId: string;
  readonly status: Agreement["status"];
  /** By labeller. */
  readonly votes: ReadonlyMap<string, Answer>;
}

/** Partition of the index `queue` that lists the runs that wait; no operator can have this name. */
export const RUNS = "#runs";

export const taskKey = (task: string): Item => ({ task: S(task) });
export const runKey = (model: string, runId: string): Item => taskKey(`run#${model}#${runId}`);

const features = arrayOf(nullable(number()));
const status = oneOf("open", "agreed", "disputed");
const answer = oneOf(...ANSWERS);

export const statusOf = (item: Item): Agreement["status"] => parse(status, textOf(item, "status"), "a task's status");

export function toTask(item: Item): Task {
  const text = (name: string) => textOf(item, name);
  return {
    task: text("task"),
    model: text("model"),
    dataset: text("dataset"),
    featureHash: text("featureHash"),
    operatorId: text("operatorId"),
    playerId: text("playerId"),
    asOf: text("asOf"),
    features: parseJson(features, text("features"), "the task's features"),
    votes: Object.keys(item.votes?.M ?? {}).length,
    deadline: text("deadline"),
  };
}

export function toRun(item: Item): Run {
  const token = item.token?.S;
  return {
    model: textOf(item, "model"),
    runId: textOf(item, "runId"),
    asked: numberOf(item, "asked"),
    open: numberOf(item, "open"),
    agreed: numberOf(item, "agreed"),
    disputed: numberOf(item, "disputed"),
    deadline: textOf(item, "deadline"),
    ...(token !== undefined && { token }),
  };
}

export function toBallot(item: Item): Ballot {
  const votes = Object.entries(item.votes?.M ?? {});
  return {
    model: textOf(item, "model"),
    runId: textOf(item, "runId"),
    status: statusOf(item),
    votes: new Map(
      votes.map(([labeller, vote]) => [labeller, parse(answer, textOf(vote.M ?? {}, "answer"), "a vote's answer")]),
    ),
    votesToAgree: numberOf(item, "votesToAgree"),
    mostVotes: numberOf(item, "mostVotes"),
  };
}
