import { outcomeTimes, recordTimes } from "../../../catalogue/datasets/plausible-times";

const NOW = Date.parse("2026-11-26T12:00:00Z");
const FUTURE = "is in the future; send the instant, or leave it out while it is unknown";
const SENTINEL = "is before 1990, as databases write an unknown date; send the instant, or leave it out";
const asOf = "2026-11-01T00:00:00Z";

test.each([
  ["2026-11-26T12:00:00Z", []],
  ["2026-11-26T12:04:59Z", []],
  ["2026-11-26T14:04:59+02:00", []],
  ["2026-11-26T12:05:01Z", [FUTURE]],
  ["2099-12-12T00:00:00Z", [FUTURE]],
  ["9999-12-31T23:59:59Z", [FUTURE]],
  ["1990-01-01T00:00:00Z", []],
  ["1970-01-01T00:00:00Z", [SENTINEL]],
  ["1900-01-01T00:00:00Z", [SENTINEL]],
  ["0001-01-01T00:00:00Z", [SENTINEL]],
])("a record as of %s", (instant, messages) => {
  expect(recordTimes({ asOf: instant }, NOW)).toEqual(messages.map((message) => ({ pointer: "/asOf", message })));
  expect(recordTimes({ asOf, registeredAt: instant }, NOW)).toEqual(
    messages.map((message) => ({ pointer: "/registeredAt", message })),
  );
});

test.each<[object, [string, string][]]>([
  [{}, []],
  [{ firstBetAt: "2026-01-01T00:00:00Z", observedUntil: "2026-11-20T00:00:00Z" }, []],
  [{ selfExcludedAt: "2026-11-10T00:00:00Z", observedUntil: "2026-11-20T00:00:00Z" }, []],
  // How the published data write "never".
  [{ selfExcludedAt: "2099-12-12T00:00:00Z" }, [["/selfExcludedAt", FUTURE]]],
  [{ observedUntil: "9999-12-31T00:00:00Z" }, [["/observedUntil", FUTURE]]],
  [{ firstBetAt: "1970-01-01T00:00:00Z" }, [["/firstBetAt", SENTINEL]]],
  [{ label: { value: 1, source: "operator", at: "2099-01-01T00:00:00Z" } }, [["/label/at", FUTURE]]],
  [
    { selfExcludedAt: "2026-11-20T00:00:00Z", observedUntil: "2026-11-10T00:00:00Z" },
    [["/selfExcludedAt", "is after observedUntil, when nobody watched any more"]],
  ],
  [
    { firstBetAt: "2026-11-20T00:00:00Z", selfExcludedAt: "2026-11-10T00:00:00Z" },
    [["/firstBetAt", "is after selfExcludedAt, when nobody could bet any more"]],
  ],
  [
    { firstBetAt: "2026-11-20T00:00:00Z", observedUntil: "2026-11-10T00:00:00Z" },
    [["/firstBetAt", "is after observedUntil, when nobody watched any more"]],
  ],
])("the outcome %j", (outcome, problems) => {
  expect(outcomeTimes(outcome, NOW)).toEqual(problems.map(([pointer, message]) => ({ pointer, message })));
});
