import {
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { type Agreement, type Answer, resolve } from "../../../catalogue/labelling/agreement";
import { N, names, S, spread } from "../aws/items";
import { type Ballot, runKey, taskKey, toBallot } from "./items";
import { type LabelTable, tokenOf } from "./table";

export interface Vote {
  readonly task: string;
  readonly operatorId: string;
  readonly labeller: string;
  readonly answer: Answer;
  /** RFC 3339 */
  readonly at: string;
}

export interface VoteResult {
  /** The task's, after the vote. */
  readonly status: Agreement["status"];
  /** `false`: the labeller had said so before, or the task was resolved before. */
  readonly counted: boolean;
  readonly model: string;
  readonly runId: string;
  /** Present when nothing of the run that asked is open and its execution waits: to be told so, perhaps again. */
  readonly token?: string;
}

/** Why a vote cannot be taken. */
export class VoteRefused extends Error {
  override readonly name = "VoteRefused";

  constructor(readonly reason: "unknown-task" | "already-answered" | "contended") {
    super(reason);
  }
}

/** A vote that lost a race is tried again so many times. */
const RETRIES = 3;

/**
 * Takes a vote. Repeating it, and voting on a resolved task, does no harm. Throws `VoteRefused` for a task that the
 * operator does not have, another answer than the labeller gave before, and a vote that lost every race.
 */
export async function takeVote(table: LabelTable, vote: Vote): Promise<VoteResult> {
  let runExists = true;
  for (let attempt = 0; attempt <= RETRIES; attempt += 1) {
    if (attempt > 0) await spread(attempt);
    const item = await table.get(taskKey(vote.task));
    // A run's item has no operator.
    if (item?.operatorId?.S !== vote.operatorId) throw new VoteRefused("unknown-task");
    const ballot = toBallot(item);
    const { model, runId, status, votes } = ballot;
    const before = votes.get(vote.labeller);
    if (before !== undefined && before !== vote.answer) throw new VoteRefused("already-answered");
    if (before !== undefined || status !== "open") {
      return { status, counted: false, model, runId, ...(await tokenOf(table, model, runId)) };
    }
    const agreement = resolve([...votes.values(), vote.answer], ballot);
    const resolves = agreement.status !== "open";
    const outcome = await transact(table, [
      onTask(table.name, vote, ballot, agreement),
      ...(resolves && runExists ? [onRun(table.name, ballot, agreement)] : []),
    ]);
    if (outcome === "done") {
      const token = resolves ? await tokenOf(table, model, runId) : {};
      return { status: agreement.status, counted: true, model, runId, ...token };
    }
    if (outcome === "no-run") runExists = false;
  }
  throw new VoteRefused("contended");
}

/** Adds the vote, provided that the task is still as it was read. */
function onTask(
  TableName: string,
  vote: Vote,
  { model, runId, votes }: Ballot,
  agreement: Agreement,
): TransactWriteItem {
  const { status } = agreement;
  const label = "label" in agreement ? agreement.label : undefined;
  const set = ["#votes.#labeller = :vote", "#status = :status"];
  if (label !== undefined) set.push("#label = :label", "#agreedModel = :model", "#agreedAt = :at");
  return {
    Update: {
      TableName,
      Key: taskKey(vote.task),
      UpdateExpression: `SET ${set.join(", ")}${status === "open" ? "" : " REMOVE #queue"}`,
      // Votes are only ever added, so as many votes are the same votes.
      ConditionExpression:
        "#status = :open AND #runId = :runId AND attribute_not_exists(#votes.#labeller) AND size(#votes) = :count",
      ExpressionAttributeNames: {
        ...names("votes", "status", "runId"),
        "#labeller": vote.labeller,
        ...(label !== undefined && names("label", "agreedModel", "agreedAt")),
        ...(status !== "open" && names("queue")),
      },
      ExpressionAttributeValues: {
        ":vote": { M: { answer: S(vote.answer), at: S(vote.at) } },
        ":status": S(status),
        ":open": S("open"),
        ":runId": S(runId),
        ":count": N(votes.size),
        ...(label !== undefined && { ":label": N(label), ":model": S(model), ":at": S(vote.at) }),
      },
    },
  };
}

/** Moves one of the run's open tasks to what it came to. */
const onRun = (TableName: string, { model, runId }: Ballot, { status }: Agreement): TransactWriteItem => ({
  Update: {
    TableName,
    Key: runKey(model, runId),
    UpdateExpression: "ADD #open :less, #status :more",
    ConditionExpression: "attribute_exists(#task)",
    ExpressionAttributeNames: { ...names("open", "task"), "#status": status },
    ExpressionAttributeValues: { ":less": N(-1), ":more": N(1) },
  },
});

/** `raced`: what was read is no longer so. `no-run`: the run that asked is gone. */
async function transact(
  { client }: LabelTable,
  items: readonly TransactWriteItem[],
): Promise<"done" | "raced" | "no-run"> {
  try {
    await client.send(new TransactWriteItemsCommand({ TransactItems: [...items] }));
    return "done";
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw error;
    return error.CancellationReasons?.[1]?.Code === "ConditionalCheckFailed" ? "no-run" : "raced";
  }
}
