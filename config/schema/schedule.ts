/**
 * Checks expressions by the grammar of EventBridge Scheduler. Sources: `ScheduleExpression` in the Scheduler API reference
 * (rates are whole numbers of minutes, hours or days), and the table of fields in "Schedule types" of its user guide.
 */

interface Field {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** Words that may stand for the numbers from `from` on. */
  readonly words?: readonly string[];
  /** Beside numbers, words, and `,` `-` `*`: which of `/` `?` and what is written with `L`, `W` or `#`. */
  readonly also: RegExp;
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const NEVER = /^(?!)/;

const FIELDS: readonly Field[] = [
  { name: "minutes", from: 0, to: 59, also: NEVER },
  { name: "hours", from: 0, to: 23, also: NEVER },
  { name: "day of month", from: 1, to: 31, also: /^(\?|L|LW|\d{1,2}W)$/ },
  { name: "month", from: 1, to: 12, words: MONTHS, also: NEVER },
  { name: "day of week", from: 1, to: 7, words: WEEKDAYS, also: /^(\?|L|\w{1,3}L|\w{1,3}#[1-5])$/ },
  { name: "year", from: 1970, to: 2199, also: NEVER },
];
const DAY_OF_MONTH = 2;
const DAY_OF_WEEK = 4;

const numberOf = ({ from, words = [] }: Field, text: string): number => {
  const word = words.indexOf(text.toUpperCase());
  return word >= 0 ? from + word : /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
};

/** Tells a number, a range, or either with a step, and `*` with a step, from other texts. */
function isPart(field: Field, part: string): boolean {
  const [range = "", step, ...more] = part.split("/");
  if (more.length > 0 || (step !== undefined && !(Number(step) >= 1 && /^\d{1,4}$/.test(step)))) return false;
  if (range === "*") return true;
  const [first = "", last = first, ...rest] = range.split("-");
  const [low, high] = [numberOf(field, first), numberOf(field, last)];
  const inside = (value: number) => value >= field.from && value <= field.to;
  // FRI-MON goes round; a number does not.
  return rest.length === 0 && inside(low) && inside(high) && (low <= high || field.words !== undefined);
}

function special(field: Field, text: string): boolean {
  if (!field.also.test(text)) return false;
  const number = /^(\w+?)(?:W|L|#\d)$/.exec(text)?.[1];
  return number === undefined || number === "L" || isPart(field, number);
}

const isField = (field: Field, text: string): boolean =>
  special(field, text) || text.split(",").every((part) => isPart(field, part));

function cronProblem(text: string): string | undefined {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== FIELDS.length) {
    return `has ${fields.length} fields, and cron wants six: ${FIELDS.map(({ name }) => name).join(", ")}`;
  }
  const wrong = FIELDS.findIndex((field, place) => !isField(field, fields[place] as string));
  if (wrong >= 0) {
    const { name, from, to } = FIELDS[wrong] as Field;
    return `has "${fields[wrong]}" for ${name}, which is ${from} to ${to}`;
  }
  const days = [fields[DAY_OF_MONTH], fields[DAY_OF_WEEK]].filter((day) => day === "?");
  return days.length === 1 ? undefined : 'wants "?" for day of month or for day of week, and not for both';
}

const rateProblem = (text: string): string | undefined =>
  /^[1-9]\d{0,8} (minutes?|hours?|days?)$/.test(text)
    ? undefined
    : 'wants a whole number and minutes, hours or days, such as "rate(7 days)"';

function instantProblem(text: string): string | undefined {
  const wanted = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(text);
  const read = wanted ? new Date(`${text}Z`) : new Date(Number.NaN);
  // 31 February is read as a day of March.
  return !Number.isNaN(read.getTime()) && read.toISOString().startsWith(text)
    ? undefined
    : 'wants a day that there is, such as "at(2027-01-31T06:00:00)"';
}

const KINDS: Readonly<Record<string, (text: string) => string | undefined>> = {
  rate: rateProblem,
  cron: cronProblem,
  at: instantProblem,
};

/** Says what EventBridge Scheduler would refuse in an expression; `undefined` when it takes it. */
export function scheduleProblem(expression: string): string | undefined {
  const [, kind = "", text = ""] = /^(rate|cron|at)\((.*)\)$/.exec(expression) ?? [];
  const problem = KINDS[kind];
  return problem ? problem(text) : 'must be an EventBridge Scheduler expression such as "rate(7 days)"';
}
