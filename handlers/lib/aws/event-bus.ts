import { setTimeout as pause } from "node:timers/promises";
import { type EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { type BusEvent, EVENT_SOURCE } from "../../../contracts/bus";
import { chunksOf } from "../util/chunks";
import { concurrently } from "../util/concurrently";
import { CallFailure, toFailure, within } from "../util/failure";

/**
 * Puts events on the bus. Answers the indexes of those that the bus did not take, after retries and within the signal;
 * never rejects, because every event that is left is for the caller to save.
 */
export type PutEvents = (events: readonly BusEvent[], signal?: AbortSignal) => Promise<readonly number[]>;

/** EventBridge takes 10 entries a call. */
const MAX_ENTRIES = 10;
/** It takes less than 1 MB a call, with source and detail type of each entry (API reference, PutEvents). */
const MAX_BYTES = 1_000_000;
const CALLS_AT_ONCE = 5;
const TRIES = 4;
/** Spread, so that the callers of a bus that throttles do not return together. */
const pauseMs = (tries: number) => Math.random() * 25 * 2 ** tries;

/** Errors of single entries that pass. Others, such as that of a malformed detail, stay. */
const PASSING = new Set(["ThrottlingException", "InternalFailure", "InternalException"]);

interface Entry {
  readonly index: number;
  readonly name: string;
  readonly detail: string;
}

interface Untaken {
  readonly entry: Entry;
  readonly failure: CallFailure;
}

/** Makes the port to a bus. `onFailure` hears why entries were not taken, once a call and reason. */
export const eventPutter =
  (client: EventBridgeClient, bus: string, onFailure: (failure: CallFailure) => void = () => {}): PutEvents =>
  async (events, signal) => {
    const refused: Entry[] = [];
    let left = events.map(({ name, detail }, index): Entry => ({ index, name, detail: JSON.stringify(detail) }));
    for (let tries = 0; left.length > 0 && tries < TRIES && !signal?.aborted; tries += 1) {
      if (tries > 0) await pause(pauseMs(tries), undefined, signal && { signal }).catch(() => {});
      const untaken = (
        await concurrently(callsOf(left), CALLS_AT_ONCE, (call) => put(client, bus, call, signal))
      ).flat();
      for (const failure of new Map(untaken.map((each) => [each.failure.message, each.failure])).values()) {
        onFailure(failure);
      }
      refused.push(...untaken.filter(({ failure }) => !failure.retryable).map(({ entry }) => entry));
      left = untaken.filter(({ failure }) => failure.retryable).map(({ entry }) => entry);
    }
    return [...refused, ...left].map(({ index }) => index).sort((a, b) => a - b);
  };

/** Groups entries into calls that EventBridge takes. */
const callsOf = (entries: readonly Entry[]): readonly (readonly Entry[])[] =>
  chunksOf(entries, MAX_BYTES, ({ name, detail }) => EVENT_SOURCE + name + detail, MAX_ENTRIES).map(
    ({ items }) => items,
  );

/** Makes one call; an entry without an id of its own in the answer was not taken. */
async function put(
  client: EventBridgeClient,
  bus: string,
  entries: readonly Entry[],
  signal: AbortSignal | undefined,
): Promise<readonly Untaken[]> {
  const command = new PutEventsCommand({
    Entries: entries.map(({ name, detail }) => ({
      EventBusName: bus,
      Source: EVENT_SOURCE,
      DetailType: name,
      Detail: detail,
    })),
  });
  try {
    const sending = client.send(command, signal && { abortSignal: signal });
    const { Entries: answers = [] } = await (signal ? within(signal, sending) : sending);
    return entries.flatMap((entry, place) => {
      const { EventId, ErrorCode = "InternalFailure" } = answers[place] ?? {};
      const kind = PASSING.has(ErrorCode) ? "throttled" : "refused";
      return EventId === undefined ? [{ entry, failure: new CallFailure(kind, ErrorCode) }] : [];
    });
  } catch (error) {
    const failure = toFailure(error);
    return entries.map((entry) => ({ entry, failure }));
  }
}
