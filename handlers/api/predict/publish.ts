import type { PutEvents } from "../../lib/aws/event-bus";
import { playerAssessed } from "../../lib/events/assessment";
import { byRecord } from "../../lib/predictions/assess";
import type { Sink } from "./sinks";

export interface PublishPorts {
  /** Ways by which events reach their consumers: each gets what those before it did not take. */
  readonly channels: readonly PutEvents[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Told of each request that had events: how many there were, and how many each channel left to the next. */
  readonly onPublished: (dataset: string, events: number, left: readonly number[]) => void;
}

/** The most that a channel may take. On a bus that works it is some milliseconds; what is late goes to the next one. */
export const CHANNEL_BUDGET_MS = 1_000;
/** A channel that took nothing is passed over for so long, so that its outage delays few predictions. */
const REST_MS = 5_000;

/** Publishes the assessment of each record as one event. */
export function createPublish({ channels, now, onPublished }: PublishPorts): Sink {
  const restsUntil = channels.map(() => 0);

  /** Answers which of the events a channel did not take. The last one is asked always. */
  const through = async <E extends Parameters<PutEvents>[0][number]>(place: number, events: readonly E[]) => {
    const put = channels[place];
    const resting = place < channels.length - 1 && now() < (restsUntil[place] ?? 0);
    if (put === undefined || resting || events.length === 0) return events;
    const untaken = await put(events, AbortSignal.timeout(CHANNEL_BUDGET_MS)).catch(() => events.keys());
    const left = [...untaken].flatMap((index) => events[index] ?? []);
    if (left.length === events.length) restsUntil[place] = now() + REST_MS;
    return left;
  };

  return {
    // Once more, so that the last channel's answer is heard.
    budgetMs: (channels.length + 1) * CHANNEL_BUDGET_MS,
    take: async ({ request: { dataset }, predictions }) => {
      const at = new Date(now());
      const records = [...byRecord(predictions)];
      const events = records.map(([index, own]) => ({ index, ...playerAssessed(own, at) }));
      if (events.length === 0) return [];
      const counts: number[] = [];
      let left = events;
      for (const place of channels.keys()) {
        left = [...(await through(place, left))];
        counts.push(left.length);
      }
      onPublished(dataset, events.length, counts);
      return left.map(({ index }) => index);
    },
    fail: ({ request: { dataset }, predictions }) => {
      const lost = [...byRecord(predictions).keys()];
      onPublished(
        dataset,
        lost.length,
        channels.map(() => lost.length),
      );
      return lost;
    },
  };
}
