import type { AgreementRules, Choice } from "../../../catalogue/labelling/agreement";
import { type Item, N, names, numberOf, S, textOf } from "../aws/items";
import { concurrently } from "../util/concurrently";
import { type NewTask, RUNS, runKey, taskKey } from "./items";
import type { LabelTable } from "./table";

/** A run that asks people, and the rules of the tasks that it is the first to ask about. */
export interface AskingRun extends AgreementRules {
  readonly model: string;
  readonly runId: string;
  /** How its records were chosen; of a task that an earlier run has asked about, how that one chose it counts. */
  readonly chosen: Choice;
  /** RFC 3339 */
  readonly deadline: string;
  /** The task token of the execution, when it waits. */
  readonly token?: string;
  /** The second since 1970 until which what is stored of a player is kept; without it, it is kept for ever. */
  readonly expiresAt?: number;
}

/** Tasks that are written side by side. */
const WRITERS = 16;

/**
 * Asks people about the tasks, for a run. Tasks that are resolved already are not asked again; `open` is what is left
 * at the end, for votes may come meanwhile: with 0, nobody else will tell the execution to go on. May be repeated for
 * the same run, which then waits with the token given last.
 */
export async function askPeople(
  table: LabelTable,
  tasks: readonly NewTask[],
  run: AskingRun,
): Promise<{ readonly asked: number; readonly open: number }> {
  const at = new Date().toISOString();
  await announce(table, run);
  const once = [...new Map(tasks.map((task) => [task.task, task])).values()];
  const ours = await concurrently(once, WRITERS, (task) => askOne(table, task, run, at));
  const item = await settle(table, run, ours.filter(Boolean).length, at);
  return { asked: numberOf(item, "asked"), open: numberOf(item, "open") };
}

/** First, so that votes find the run. Without a token yet: before all tasks are counted, `open` says nothing. */
async function announce({ update }: LabelTable, run: AskingRun): Promise<void> {
  const { model, runId, deadline } = run;
  const set = { model: S(model), runId: S(runId), deadline: S(deadline), ...expiry(run) };
  await update({
    Key: runKey(model, runId),
    UpdateExpression: `SET ${Object.keys(set).map(assignment).join(", ")} ADD #open :none, #agreed :none, #disputed :none`,
    ExpressionAttributeNames: names(...Object.keys(set), "open", "agreed", "disputed"),
    ExpressionAttributeValues: { ...valuesOf(set), ":none": N(0) },
  });
}

const expiry = ({ expiresAt }: AskingRun) => expiresAt !== undefined && { expiresAt: N(expiresAt) };

const assignment = (name: string) => `#${name} = :${name}`;

/** For an expression that names each attribute's value as the attribute. */
const valuesOf = (attributes: Item): Item =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`:${name}`, value]));

/** Makes a task, or asks it again; a resolved one stays as it is. Returns whether the task is one of this run's. */
async function askOne({ update, get }: LabelTable, task: NewTask, run: AskingRun, at: string): Promise<boolean> {
  const always = {
    model: S(run.model),
    dataset: S(task.dataset),
    operatorId: S(task.operatorId),
    playerId: S(task.playerId),
    asOf: S(task.asOf),
    features: S(JSON.stringify(task.features)),
    featureHash: S(task.featureHash),
    runId: S(run.runId),
    deadline: S(run.deadline),
    status: S("open"),
    queue: S(task.operatorId),
  };
  const once = {
    votes: { M: {} },
    votesToAgree: N(run.votesToAgree),
    mostVotes: N(run.mostVotes),
    chosen: S(run.chosen),
    createdAt: S(at),
    ...expiry(run),
  };
  const written = await update({
    Key: taskKey(task.task),
    UpdateExpression: `SET ${[
      ...Object.keys(always).map(assignment),
      ...Object.keys(once).map((name) => `#${name} = if_not_exists(#${name}, :${name})`),
    ].join(", ")}`,
    ConditionExpression: "attribute_not_exists(#task) OR #status = :status",
    ExpressionAttributeNames: names("task", ...Object.keys({ ...always, ...once })),
    ExpressionAttributeValues: valuesOf({ ...always, ...once }),
  });
  // A vote may have resolved it since an earlier try of this very run.
  const item = written ?? (await get(taskKey(task.task)));
  return item !== undefined && textOf(item, "runId") === run.runId && textOf(item, "model") === run.model;
}

/** Counts the tasks, unless an earlier try has, and lets the execution wait. Returns the run's item. */
async function settle({ update }: LabelTable, run: AskingRun, asked: number, at: string): Promise<Item> {
  const { model, runId, token } = run;
  const wait = token === undefined ? undefined : { ":token": S(token), ":runs": S(RUNS) };
  const set = wait ? ", #token = :token, #queue = :runs" : "";
  const waitNames = wait && names("token", "queue");
  const counted = await update({
    Key: runKey(model, runId),
    UpdateExpression: `SET #asked = :asked, #askedAt = :at${set} ADD #open :asked`,
    ConditionExpression: "attribute_not_exists(#askedAt)",
    ExpressionAttributeNames: { ...names("asked", "askedAt", "open"), ...waitNames },
    ExpressionAttributeValues: { ":asked": N(asked), ":at": S(at), ...wait },
  });
  if (counted) return counted;
  const waiting = await update({
    Key: runKey(model, runId),
    UpdateExpression: `SET #deadline = :deadline${set}`,
    ExpressionAttributeNames: { ...names("deadline"), ...waitNames },
    ExpressionAttributeValues: { ":deadline": S(run.deadline), ...wait },
  });
  return waiting ?? {};
}
