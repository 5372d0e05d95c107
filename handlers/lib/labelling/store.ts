import { type DynamoDBClient, paginateQuery, QueryCommand } from "@aws-sdk/client-dynamodb";
import type { Agreement, Choice } from "../../../catalogue/labelling/agreement";
import { batchGet } from "../aws/batch-get";
import { type Item, names, numberOf, S, textOf } from "../aws/items";
import { type AskingRun, askPeople } from "./ask";
import { type NewTask, RUNS, type Run, runKey, statusOf, type Task, taskKey, toRun, toTask } from "./items";
import { labelTable } from "./table";
import { takeVote, type Vote } from "./vote";

export type { AskingRun } from "./ask";
export type { NewTask, Run, Task } from "./items";
export { type Vote, VoteRefused, type VoteResult } from "./vote";

export interface TaskState {
  readonly status: Agreement["status"];
  /** Present when agreed. */
  readonly label?: 0 | 1;
  /** Present when agreed: how the task's record was chosen. */
  readonly chosen?: Choice;
}

export interface AgreedLabel {
  readonly task: string;
  readonly label: 0 | 1;
  readonly chosen: Choice;
  /** RFC 3339 */
  readonly agreedAt: string;
}

export interface OpenTasks {
  /** At most as many as asked for; fewer, or none, although there are more, say nothing. */
  readonly tasks: readonly Task[];
  /** Present when there may be more: to be given as `after`. */
  readonly next?: string;
}

export type LabelStore = ReturnType<typeof createLabelStore>;

/** Attributes that `toState` reads. */
const STATE = ["task", "status", "label", "chosen"] as const;
/** Tasks of a page of the queue, and pages of one call: who has answered thousands of tasks must not wait long. */
const PAGE = 100;
const PAGES = 10;

/** The label table: tasks for labellers, their votes, and the runs that wait for them. */
export function createLabelStore(client: DynamoDBClient, name: string) {
  const table = labelTable(client, name);
  return {
    vote: (vote: Vote) => takeVote(table, vote),

    ask: (tasks: readonly NewTask[], run: AskingRun) => askPeople(table, tasks, run),

    async run(model: string, runId: string): Promise<Run | undefined> {
      const item = await table.get(runKey(model, runId));
      return item && toRun(item);
    },

    /** Every run that waits for people, of all operators. */
    async waitingRuns(): Promise<Run[]> {
      const runs: Run[] = [];
      for await (const { Items = [] } of paginateQuery({ client }, queueOf(name, RUNS))) runs.push(...Items.map(toRun));
      return runs;
    },

    /** The run waits no more. Its counters, or `undefined` when there is no such run. */
    async close(model: string, runId: string): Promise<Run | undefined> {
      const item = await table.update({
        Key: runKey(model, runId),
        UpdateExpression: "REMOVE #token, #queue",
        ConditionExpression: "attribute_exists(#task)",
        ExpressionAttributeNames: names("task", "token", "queue"),
      });
      return item && toRun(item);
    },

    /**
     * Open tasks of the operator that this labeller has not answered, in the order of their ids, from after `after`.
     */
    async openTasks(
      operatorId: string,
      labeller: string,
      { limit, after }: { readonly limit: number; readonly after?: string },
    ): Promise<OpenTasks> {
      const tasks: Task[] = [];
      let last = after;
      for (let page = 0; page < PAGES; page += 1) {
        const query = queueOf(name, operatorId);
        const { Items = [], LastEvaluatedKey } = await client.send(
          new QueryCommand({
            ...query,
            Limit: PAGE,
            FilterExpression: "attribute_not_exists(#votes.#labeller)",
            ExpressionAttributeNames: { ...query.ExpressionAttributeNames, ...names("votes"), "#labeller": labeller },
            ...(last !== undefined && { ExclusiveStartKey: { ...taskKey(last), queue: S(operatorId) } }),
          }),
        );
        const room = limit - tasks.length;
        tasks.push(...Items.slice(0, room).map(toTask));
        if (Items.length >= room) {
          const more = Items.length > room || LastEvaluatedKey !== undefined;
          return { tasks, ...(more && { next: (tasks.at(-1) as Task).task }) };
        }
        if (LastEvaluatedKey === undefined) return { tasks };
        last = textOf(LastEvaluatedKey, "task");
      }
      return { tasks, ...(last !== undefined && { next: last }) };
    },

    /** Counts the operator's open tasks up to `most`; `more` says that there are others. */
    async countOpen(operatorId: string, most: number): Promise<{ readonly count: number; readonly more: boolean }> {
      const query = { ...queueOf(name, operatorId), Select: "COUNT", Limit: most } as const;
      const { Count = 0, LastEvaluatedKey } = await client.send(new QueryCommand(query));
      return { count: Count, more: LastEvaluatedKey !== undefined };
    },

    /** Reads what became of these tasks, by task; unknown ones are left out. */
    async tasks(ids: readonly string[]): Promise<ReadonlyMap<string, TaskState>> {
      const keys = [...new Set(ids)].map(taskKey);
      const items = await batchGet(client, name, keys, { attributes: STATE });
      return new Map(items.map((item) => [textOf(item, "task"), toState(item)]));
    },

    /** Every task of the model with a label, in the order in which they were agreed on. */
    async *agreedLabels(model: string): AsyncGenerator<AgreedLabel> {
      const query = partitionOf(name, "agreed", "agreedModel", model);
      for await (const { Items = [] } of paginateQuery({ client }, query)) {
        for (const item of Items) {
          yield { task: textOf(item, "task"), ...labelOf(item), agreedAt: textOf(item, "agreedAt") };
        }
      }
    },
  };
}

/** Reads what was agreed on. Of a task from before that was kept, nobody knows that it was chosen by lot. */
const labelOf = (item: Item): { readonly label: 0 | 1; readonly chosen: Choice } => ({
  label: numberOf(item, "label") === 1 ? 1 : 0,
  chosen: textOf(item, "chosen") === "lot" ? "lot" : "uncertainty",
});

function toState(item: Item): TaskState {
  const status = statusOf(item);
  return status === "agreed" ? { status, ...labelOf(item) } : { status };
}

/** A query of one partition of an index. */
const partitionOf = (TableName: string, IndexName: string, attribute: string, value: string) => ({
  TableName,
  IndexName,
  KeyConditionExpression: `#${attribute} = :value`,
  ExpressionAttributeNames: names(attribute),
  ExpressionAttributeValues: { ":value": S(value) },
});

const queueOf = (table: string, queue: string) => partitionOf(table, "queue", "queue", queue);
