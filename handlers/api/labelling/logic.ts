import { datasets } from "../../../catalogue/datasets";
import { type Dataset, featureHash } from "../../../catalogue/datasets/kit/dataset";
import { ROUTES, type RouteName } from "../../../contracts/routes";
import { Refusal } from "../../lib/http/problem";
import { type LabelStore, type Run, type Task, VoteRefused, type VoteResult } from "../../lib/labelling/store";
import { answerOf, type Identity, identityOf, type LabellingEvent, noSuchTask, pageOf, taskOf } from "./request";

export interface Ports {
  readonly store: Pick<LabelStore, "openTasks" | "countOpen" | "waitingRuns" | "vote">;
  /** Tells the execution that waits with this token to go on; must not reject. */
  readonly resume: (run: Pick<Run, "model" | "runId">, token: string) => Promise<void>;
  readonly now: () => Date;
  readonly onVote: (task: string, result: VoteResult) => void;
  /** Tasks that were made for other features than the framework knows now. */
  readonly onHidden: (tasks: number) => void;
}

type Answerer = (ports: Ports, identity: Identity, event: LabellingEvent) => Promise<object>;

/** Maps the labellers' routes to the functions that answer them. */
const ANSWERERS: Readonly<Record<Exclude<RouteName, "predict">, Answerer>> = {
  listTasks,
  answerTask: takeAnswer,
  showProgress,
};
const BY_REQUEST: ReadonlyMap<string, Answerer> = new Map(
  (Object.keys(ANSWERERS) as (keyof typeof ANSWERERS)[]).map((name) => [
    `${ROUTES[name].method} /${ROUTES[name].path}`,
    ANSWERERS[name],
  ]),
);

/** Open tasks of an operator are counted so far. */
const MOST_COUNTED = 1_000;

/** The answer to a labeller's request; a `Refusal` is thrown. */
export async function respond(ports: Ports, event: LabellingEvent): Promise<object> {
  const answerer = BY_REQUEST.get(`${event.httpMethod} ${event.resource}`);
  if (!answerer) throw new Refusal("no-such-route", "see the API description for the routes");
  return answerer(ports, identityOf(event), event);
}

async function listTasks({ store, onHidden }: Ports, { operatorId, labeller }: Identity, event: LabellingEvent) {
  const { tasks, next } = await store.openTasks(operatorId, labeller, pageOf(event));
  const shown = tasks.flatMap((task) => show(task) ?? []);
  if (shown.length < tasks.length) onHidden(tasks.length - shown.length);
  return { tasks: shown, ...(next !== undefined && { next }) };
}

async function takeAnswer(ports: Ports, identity: Identity, event: LabellingEvent) {
  const task = taskOf(event);
  const vote = { ...identity, task, answer: answerOf(event), at: ports.now().toISOString() };
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

async function showProgress({ store, resume, now }: Ports, { operatorId }: Identity) {
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
