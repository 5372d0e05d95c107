import { datasets } from "../../../catalogue/datasets";
import { type Dataset, featureHash } from "../../../catalogue/datasets/kit/dataset";
import type { RoutedEvent } from "../../lib/http/api-gateway";
import { memberOf } from "../../lib/http/member";
import { Refusal } from "../../lib/http/problem";
import { byRoute } from "../../lib/http/routes";
import { type LabelStore, type Run, type Task, VoteRefused, type VoteResult } from "../../lib/labelling/store";
import { answerOf, noSuchTask, pageOf, taskOf } from "./request";

export interface Ports {
  readonly store: Pick<LabelStore, "openTasks" | "countOpen" | "waitingRuns" | "vote">;
  /** Tells the execution that waits with this token to go on; must not reject. */
  readonly resume: (run: Pick<Run, "model" | "runId">, token: string) => Promise<void>;
  readonly now: () => Date;
  readonly onVote: (task: string, result: VoteResult) => void;
  /** Tasks that were made for other features than the framework knows now. */
  readonly onHidden: (tasks: number) => void;
}

/** Open tasks of an operator are counted so far. */
const MOST_COUNTED = 1_000;

/** Answers a labeller's request; a `Refusal` is thrown. */
export const respond = byRoute<"labelling", Ports, object>({ listTasks, answerTask, showProgress });

async function listTasks({ store, onHidden }: Ports, event: RoutedEvent) {
  const { operatorId, id: labeller } = memberOf(event, "labellers");
  const { tasks, next } = await store.openTasks(operatorId, labeller, pageOf(event));
  const shown = tasks.flatMap((task) => show(task) ?? []);
  if (shown.length < tasks.length) onHidden(tasks.length - shown.length);
  return { tasks: shown, ...(next !== undefined && { next }) };
}

async function answerTask(ports: Ports, event: RoutedEvent) {
  const { operatorId, id: labeller } = memberOf(event, "labellers");
  const task = taskOf(event);
  const vote = { operatorId, labeller, task, answer: answerOf(event), at: ports.now().toISOString() };
  const result = await ports.store.vote(vote).catch((error: unknown) => {
    throw error instanceof VoteRefused ? refusals[error.reason]() : error;
  });
  ports.onVote(task, result);
  const { status, counted, token } = result;
  if (token !== undefined) await ports.resume(result, token);
  return { task, status, counted };
}

const refusals: Readonly<Record<VoteRefused["reason"], () => Refusal>> = {
  "unknown-task": noSuchTask,
  "already-answered": () => new Refusal("already-answered", "you have given another answer, which stands"),
  contended: () => new Refusal("busy", "others answer the same task; send the answer again"),
};

async function showProgress({ store, resume, now }: Ports, event: RoutedEvent) {
  const { operatorId } = memberOf(event, "labellers");
  const [runs, open] = await Promise.all([store.waitingRuns(), store.countOpen(operatorId, MOST_COUNTED)]);
  // The vote that ended a run may have failed to say so.
  const done = runs.filter((run) => run.open <= 0);
  await Promise.all(done.map((run) => run.token && resume(run, run.token)));
  // A run that was broken off still stands there as waiting.
  const waiting = runs.filter(({ deadline }) => Date.parse(deadline) > now().getTime());
  return {
    runs: waiting.map(({ token: _, ...counters }) => counters),
    openTasks: open.count,
    /** `true`: there are more than were counted. */
    moreOpenTasks: open.more,
  };
}

type Values = Readonly<Record<string, number | null>>;

const layouts: ReadonlyMap<string, { readonly dataset: Dataset; readonly hash: string }> = new Map(
  datasets.map((dataset) => [dataset.name, { dataset, hash: featureHash(dataset) }]),
);

/** A task as labellers see it; `undefined` when its features cannot be named any more. */
function show({ featureHash: hash, features, ...stored }: Task) {
  const layout = layouts.get(stored.dataset);
  if (layout?.hash !== hash) return undefined;
  const { dataset } = layout;
  const valueAt = (index: number) => features[index] ?? null;
  const values: Values = Object.fromEntries(dataset.features.map((feature, index) => [feature.name, valueAt(index)]));
  return {
    task: stored.task,
    model: stored.model,
    dataset: stored.dataset,
    playerId: stored.playerId,
    asOf: stored.asOf,
    features: dataset.features.map(({ name, unit, description }, index) => ({
      name,
      unit,
      description,
      value: valueAt(index),
    })),
    markers: dataset.markers
      .filter(({ fires }) => fires(values))
      .map(({ name, description }) => ({ name, description })),
    votes: stored.votes,
    deadline: stored.deadline,
  };
}
