import type { Needs } from "../kit/dataset";
import { dayOfDate, dayOfInstant } from "../kit/time";
import type { GamblingBehaviourRecord } from "./record";

/**
 * Names what a record lacks of a model's needs: groups that are not reported, `earlier-days` when days before
 * `observedFrom` belong to the account's life, `whole-day` when the account was opened on the day of `asOf`, and
 * `latest-days` when the record does not say that the last days were observed. What is not said is not believed: without
 * `observedUntil`, a record that ends in days without rows may have been cut there.
 */
export function lacking(record: GamblingBehaviourRecord, { groups, days }: Needs): readonly string[] {
  const lacks = groups.filter((group) => !(record.reported as readonly string[]).includes(group));
  if (days === undefined) return lacks;
  const { registeredAt, observedFrom, observedUntil = record.days.at(-1)?.date } = record;
  const last = dayOfInstant(record.asOf);
  const first = last - days.upTo + 1;
  const opened = registeredAt === undefined ? first : Math.max(first, dayOfInstant(registeredAt));
  if (dayOfDate(observedFrom) > opened) lacks.push("earlier-days");
  if (opened === last) lacks.push("whole-day");
  if (observedUntil === undefined || dayOfDate(observedUntil) < last - days.lag) lacks.push("latest-days");
  return lacks;
}
