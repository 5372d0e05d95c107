import { escaped } from "../../../catalogue/datasets/kit/schema-problems";

export interface BrokenJson {
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  /** RFC 6901, of the value that is read there. */
  readonly pointer: string;
  /** A word that other notations than JSON have for a value, such as NaN. */
  readonly foreign?: string;
}

/** Advises what to do about a word that JSON does not know. */
export const noJson = (foreign: string): string => `${foreign} is no JSON; leave the field out`;

/** Words of programs that know more values than JSON does. */
const NO_VALUE = /-?(?:NaN|Infinity|inf)\b|nan\b|undefined\b|None\b/y;
const SPACE = /[ \t\n\r]*/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
/** All but quotes, backslashes and control characters; bounded, because an expression over megabytes exhausts its stack. */
const CHARACTERS = /[ !#-[\]-\uffff]{1,4096}/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** A longer pointer helps nobody; names of fields are the client's. */
const MAX_POINTER = 100;

/**
 * Finds where a text stops being JSON, which `JSON.parse` does not tell; `undefined` when the text is JSON. Quotes
 * nothing but names of fields.
 */
export function brokenJson(text: string): BrokenJson | undefined {
  /** The index in each open array, and the name of the field, as JSON, in each open object, that is being read. */
  const path: (string | number)[] = [];
  let at = 0;

  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.test(text);
    if (found) at = pattern.lastIndex;
    return found;
  };
  const take = (character: string): boolean => {
    // Asked several times for each of millions of values, of which few have a space before them.
    if (text.charCodeAt(at) <= 0x20) skip(SPACE);
    if (text[at] !== character) return false;
    at += 1;
    return true;
  };
  const string = (): boolean => {
    if (!take('"')) return false;
    while (skip(CHARACTERS) || skip(ESCAPE));
    return text[at] === '"' && take('"');
  };
  const field = (): boolean => {
    skip(SPACE);
    const start = at;
    if (!string()) return false;
    const name = text.slice(start, at);
    if (!take(":")) return false;
    path.push(name);
    return true;
  };
  const broken = (): BrokenJson => {
    let line = 1;
    let start = 0;
    for (let end = text.indexOf("\n"); end !== -1 && end < at; end = text.indexOf("\n", start)) {
      line += 1;
      start = end + 1;
    }
    // Names may be megabytes long, too.
    const pointer = path
      .slice(0, MAX_POINTER)
      .map((name) => `/${escaped(String(typeof name === "number" ? name : JSON.parse(name)), MAX_POINTER)}`);
    NO_VALUE.lastIndex = at;
    const [foreign] = NO_VALUE.exec(text) ?? [];
    return {
      line,
      column: at - start + 1,
      pointer: pointer.join("").slice(0, MAX_POINTER),
      ...(foreign !== undefined && { foreign }),
    };
  };

  // One round for each value, and what closes after it.
  for (;;) {
    if (take("[")) {
      if (!take("]")) {
        path.push(0);
        continue;
      }
    } else if (take("{")) {
      if (!take("}")) {
        if (!field()) return broken();
        continue;
      }
    } else if (!string() && !skip(SCALAR)) {
      return broken();
    }
    for (;;) {
      const inside = path.at(-1);
      if (inside === undefined) {
        skip(SPACE);
        return at === text.length ? undefined : broken();
      }
      if (take(",")) {
        path.pop();
        if (typeof inside === "number") path.push(inside + 1);
        else if (!field()) return broken();
        break;
      }
      if (!take(typeof inside === "number" ? "]" : "}")) return broken();
      path.pop();
    }
  }
}
