export interface BrokenJson {
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  /** RFC 6901, of the value that is read there. */
  readonly pointer: string;
  /** A word that other notations than JSON have for a value, such as NaN. */
  readonly foreign?: string;
}

/** What to do about a word that JSON does not know. */
export const noJson = (foreign: string): string => `${foreign} is no JSON; leave the field out`;

/** What programs write that know more values than JSON does. */
const NO_VALUE = /-?(?:NaN|Infinity|inf)\b|nan\b|undefined\b|None\b/y;
const SPACE = /[ \t\n\r]*/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** A longer pointer helps nobody; names of fields are the client's. */
const MAX_POINTER = 100;

/**
 * Finds where a text stops being JSON, which `JSON.parse` does not tell; `undefined` when the text is JSON. Quotes
 * nothing but names of fields.
 */
export function brokenJson(text: string): BrokenJson | undefined {
  /** Of each open array the index, of each open object the name of the field, that is being read. */
  const path: (string | number)[] = [];
  let at = 0;

  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.test(text);
    if (found) at = pattern.lastIndex;
    return found;
  };
  const take = (character: string): boolean => {
    skip(SPACE);
    if (text[at] !== character) return false;
    at += 1;
    return true;
  };
  const string = (): boolean => {
    if (!take('"')) return false;
    // By hand: an expression over megabytes would exhaust its stack.
    while (at < text.length && text.charCodeAt(at) >= 0x20) {
      if (text[at] === '"') return take('"');
      if (text[at] !== "\\") at += 1;
      else if (!skip(ESCAPE)) return false;
    }
    return false;
  };
  const field = (): boolean => {
    skip(SPACE);
    const start = at;
    if (!string()) return false;
    const name: string = JSON.parse(text.slice(start, at));
    if (!take(":")) return false;
    path.push(name);
    return true;
  };
  const broken = (): BrokenJson => {
    const before = text.slice(0, at);
    const pointer = path
      .slice(0, MAX_POINTER)
      .map((name) => `/${String(name).replace(/~/g, "~0").replace(/\//g, "~1")}`);
    NO_VALUE.lastIndex = at;
    const [foreign] = NO_VALUE.exec(text) ?? [];
    return {
      line: before.split("\n").length,
      column: at - before.lastIndexOf("\n"),
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
