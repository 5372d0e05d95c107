import { type ChainRecord, recordOf } from "../../../chain/records";
import type { Settings } from "../../../contracts/environment";
import { parseEvent } from "../../../contracts/events";
import { parseInput } from "../../../contracts/inputs";
import { type BatchReply, deliverAgain } from "../../lib/aws/messages";
import { comeAgain, type Receipt, receiptOf } from "../../lib/deliveries/come-again";
import type { DeadLetters } from "../../lib/deliveries/dead-letters";
import { remembered } from "../../lib/util/remembered";
import type { Telemetry } from "../../lib/util/telemetry";
import { takeTurn } from "./turn";
import { type Written, write } from "./write";
import type { Writer } from "./writer";

export interface WriteChainDeps {
  readonly environment: Pick<Settings<"write-chain">, "DELIVERY_PARAMETERS" | "DELIVERY_RULES">;
  readonly telemetry: Telemetry;
  /** Opens the writer of a delivery by the name of its parameter. */
  readonly writerOf: (parameter: string) => Promise<Writer>;
  readonly deadLetters: DeadLetters;
  /** Has a received message come again, in seconds from now. */
  readonly postpone: (queue: string, receiptHandle: string, seconds: number) => Promise<void>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Aborts after so many milliseconds. */
  readonly timeout: (ms: number) => AbortSignal;
  /** Between 0 and 1. */
  readonly chance: () => number;
}

/** What Lambda tells of a call. */
interface Call {
  readonly awsRequestId: string;
  readonly getRemainingTimeInMillis: () => number;
}

/** A decision in a message of the queue. */
interface Decision extends Receipt {
  readonly eventId: string;
  readonly playerId: string;
  readonly record: ChainRecord;
}

/** Milliseconds for which settings and secrets count as they were read. */
const FRESH_MS = 60_000;

/** Writes the decisions in the queue of one operator's delivery to its chain. */
export function createHandler(deps: WriteChainDeps) {
  const { environment, telemetry, deadLetters, now } = deps;
  const writers = remembered(deps.writerOf, FRESH_MS, now);
  return async (input: unknown, call: Call): Promise<BatchReply> => {
    const { Records: messages } = parseInput("write-chain", input);
    // An event source mapping reads one queue.
    const queue = messages[0].eventSourceARN;
    const writer = await writers(`${environment.DELIVERY_PARAMETERS}${queue.split(":").at(-1)}`);
    const { settings, salt } = writer;
    const decisions: Decision[] = [];
    for (const message of messages) {
      const decided = decidedIn(message.body, settings.operatorId, salt);
      if (decided) decisions.push({ ...receiptOf(message), ...decided });
      else await deadLetters.bury(settings, message.body, "it is no decision about a player of the operator's");
    }
    const written = await writeAll(decisions, writer, call);
    tell(settings, decisions, written);

    const outcomes = await Promise.all(decisions.map(async (decision) => ({ decision, ends: await end(decision) })));
    return deliverAgain(outcomes.filter(({ ends }) => !ends).map(({ decision }) => decision));

    /** Tells whether a message need not come again. */
    async function end(decision: Decision): Promise<boolean> {
      const { id } = decision.record;
      if (written.final.has(id)) return true;
      const giveUp = (reason: string) => deadLetters.giveUp(settings, decision, reason);
      if (written.refused.has(id)) {
        await giveUp("the chain has another record of this event");
        return true;
      }
      const { message } = await comeAgain(decision, 0, written.reason, environment.DELIVERY_RULES, {
        postpone: ({ receiptHandle }, seconds) => deps.postpone(queue, receiptHandle, seconds),
        giveUp: (_, reason) => giveUp(reason),
        now,
        chance: deps.chance,
      });
      return message === "given-up";
    }
  };

  function writeAll(
    decisions: readonly Decision[],
    { store, turn, node, account }: Writer,
    { awsRequestId: holder, getRemainingTimeInMillis: left }: Call,
  ): Promise<Written> {
    const records = new Map(decisions.map(({ record }) => [record.id, record]));
    return write([...records.values()], {
      ...{ store, holder, now, left, sleep: deps.sleep, timeout: deps.timeout },
      turn: (some) => takeTurn(some, turn, { node, account, store, now }),
    });
  }

  function tell(
    { operatorId, name: delivery }: Writer["settings"],
    decisions: readonly Decision[],
    { final, refused, did, failed, reason }: Written,
  ): void {
    const counts = { records: decisions.length, final: final.size, refused: refused.size };
    const fields = { operatorId, delivery, ...counts, did };
    if (failed) telemetry.error("the chain failed", { ...fields, reason });
    else telemetry.info("written", fields);
    telemetry.measure("delivery", "chain", {
      ChainRecords: final.size,
      ChainTransactions: did.filter((each) => each === "sent").length,
      ChainReplacements: did.filter((each) => each === "offered-more").length,
      ChainFailures: failed ? 1 : 0,
    });
  }
}

/** Makes the record of a decision; `undefined` for what is none, or another operator's. */
function decidedIn(
  body: string,
  operatorId: string,
  salt: Uint8Array,
): Pick<Decision, "eventId" | "playerId" | "record"> | undefined {
  const event = parsed(body);
  if (event?.name !== "InterventionDecided" && event?.name !== "InterventionChanged") return undefined;
  const { detail } = event;
  if (detail.operatorId !== operatorId) return undefined;
  return { eventId: detail.id, playerId: detail.playerId, record: recordOf(salt, detail) };
}

function parsed(body: string): ReturnType<typeof parseEvent> | undefined {
  try {
    return parseEvent(body);
  } catch {
    return undefined;
  }
}
