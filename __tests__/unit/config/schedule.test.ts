import { scheduleProblem } from "../../../config/schema/schedule";

test.each([
  ...["rate(1 day)", "rate(7 days)", "rate(12 hours)", "rate(1 minute)", "rate(1 days)"],
  // The examples of Scheduler's user guide, and of EventBridge's.
  ...["cron(15 10 ? * 6L 2022-2023)", "cron(0 10 * * ? *)", "cron(15 12 * * ? *)", "cron(0 18 ? * MON-FRI *)"],
  ...["cron(0 8 1 * ? *)", "cron(0/15 * * * ? *)", "cron(0/10 * ? * MON-FRI *)", "cron(0/5 8-17 ? * MON-FRI *)"],
  ...["cron(0/30 20-23 ? * MON-FRI *)", "cron(0 9 ? * 2#1 *)", "cron(0 0 L * ? *)"],
  ...["cron(0 0 LW * ? *)", "cron(0 0 3W * ? *)", "cron(0 0 1,15 JAN,JUL ? *)", "cron(0 0 ? * FRI-MON *)"],
  ...["cron(0 0 ? * FRIL *)", "cron(*/10 * * * ? 2026-2199)", "cron( 0 0 * * ? * )"],
  ...["at(2027-01-31T06:00:00)", "at(2028-02-29T00:00:00)"],
])("%s is taken", (expression) => {
  expect(scheduleProblem(expression)).toBeUndefined();
});

test.each<[string, string]>([
  ["weekly", "must be an EventBridge Scheduler expression"],
  ["", "must be an EventBridge Scheduler expression"],
  ["RATE(1 day)", "must be an EventBridge Scheduler expression"],
  ["rate(1 day", "must be an EventBridge Scheduler expression"],
  ["toString(1)", "must be an EventBridge Scheduler expression"],
  ...["rate(seven days)", "rate(0 days)", "rate(-1 days)", "rate(1.5 hours)", "rate(7days)", "rate(7 weeks)"].map(
    (rate): [string, string] => [rate, "wants a whole number and minutes, hours or days"],
  ),
  ["rate(1  day)", "wants a whole number"],
  ["cron(0 10 * * ?)", "has 5 fields, and cron wants six"],
  ["cron(0 0 10 * * ? *)", "has 7 fields"],
  ["cron(60 10 * * ? *)", 'has "60" for minutes, which is 0 to 59'],
  ["cron(0 24 * * ? *)", 'has "24" for hours'],
  ["cron(0 0 0 * ? *)", 'has "0" for day of month'],
  ["cron(0 0 32W * ? *)", 'has "32W" for day of month'],
  ["cron(0 0 1 13 ? *)", 'has "13" for month'],
  ["cron(0 0 1 MAI ? *)", 'has "MAI" for month'],
  ["cron(0 0 ? * 0 *)", 'has "0" for day of week'],
  ["cron(0 0 ? * MON#6 *)", 'has "MON#6" for day of week'],
  ["cron(0 0 ? * MON#1,TUE#2 *)", "for day of week"],
  ["cron(0 0 1 * ? 1969)", 'has "1969" for year'],
  ["cron(0 ? 1 * ? *)", 'has "?" for hours'],
  ["cron(0 5-2 1 * ? *)", 'has "5-2" for hours'],
  ["cron(0/0 0 1 * ? *)", 'has "0/0" for minutes'],
  ["cron(0/1/2 0 1 * ? *)", 'has "0/1/2" for minutes'],
  ["cron(, 0 1 * ? *)", 'has "," for minutes'],
  ["cron(0 0 * * * *)", 'wants "?" for day of month or for day of week'],
  ["cron(0 0 ? * ? *)", 'wants "?" for day of month or for day of week'],
  ["at(2027-02-31T00:00:00)", "wants a day that there is"],
  ["at(2027-01-31)", "wants a day that there is"],
  ["at(2027-01-31T06:00:00Z)", "wants a day that there is"],
  ["at(2027-01-31T24:00:00)", "wants a day that there is"],
])("%j is refused: %s", (expression, words) => {
  expect(scheduleProblem(expression)).toContain(words);
});
