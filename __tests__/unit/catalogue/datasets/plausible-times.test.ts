import { outcomeTimes, recordTimes } from "../../../../catalogue/datasets/kit/plausible-times";

const NOW = Date.parse("2026-11-26T12:00:00Z");
const OR_NOTHING = "send the instant, or leave it out while it is unknown";
const NEEDED = "send the instant at which the record was true";
const IN_FUTURE = "is in the future; ";
const UNKNOWN = "is before 1990, as databases write an unknown date; ";
const FUTURE = IN_FUTURE + OR_NOTHING;
const SENTINEL = UNKNOWN + OR_NOTHING;
const asOf = "2026-11-01T00:00:00Z";

test.each([
  ["2026-11-26T12:00:00Z", []],
  ["2026-11-26T12:04:59Z", []],
  ["2026-11-26T14:04:59+02:00", []],
  ["2026-11-26T12:05:01Z", [IN_FUTURE]],
  ["2099-12-12T00:00:00Z", [IN_FUTURE]],
  ["9999-12-31T23:59:59Z", [IN_FUTURE]],
  ["1990-01-01T00:00:00Z", []],
  ["1970-01-01T00:00:00Z", [UNKNOWN]],
  ["1900-01-01T00:00:00Z", [UNKNOWN]],
  ["0001-01-01T00:00:00Z", [UNKNOWN]],
])("a record as of %s", (instant, messages) => {
  expect(recordTimes({ asOf: instant }, NOW)).toEqual(
    messages.map((message) => ({ pointer: "/asOf", message: message + NEEDED })),
  );
  expect(recordTimes({ asOf, registeredAt: instant }, NOW)).toEqual(
    messages.map((message) => ({ pointer: "/registeredAt", message: message + OR_NOTHING })),
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
