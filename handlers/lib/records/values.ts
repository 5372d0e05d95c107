import { type Parser, parseJson } from "../../../contracts/parse";

const SPACE = 0x20;
const [QUOTE, ESCAPE, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d];
const BYTE_ORDER_MARK = "\ufeff";

/** Receives the text of an object, or of what stands where objects should, or `undefined` when it is too long to keep. */
export type OnValue = (text: string | undefined, bytes: number) => void;

/**
 * Cuts a line that is no single JSON object into the objects that it consists of: one after the other, as delivery
 * streams write them, with carriage returns between them, or in an array. Only brackets and strings are looked at: what
 * is between them is checked by whoever parses the text. Memory is bounded by the longest object allowed.
 */
export class ValueSplitter {
  /** Brackets that are open; `between` objects there are none. */
  private depth = 0;
  private state: "between" | "object" | "other" = "between";
  private inString = false;
  private escaped = false;
  private kept: Buffer[] = [];
  private bytes = 0;

  constructor(
    private readonly onValue: OnValue,
    private readonly maxBytes: number,
  ) {}

  push(piece: Buffer): void {
    let start = 0;
    for (let at = 0; at < piece.length; at += 1) {
      const byte = piece[at] as number;
      if (this.inString) {
        if (this.escaped) this.escaped = false;
        else if (byte === ESCAPE) this.escaped = true;
        else if (byte === QUOTE) this.inString = false;
      } else if (this.state === "object") {
        if (byte === QUOTE) this.inString = true;
        else if (byte === OPEN || byte === OPEN_LIST) this.depth += 1;
        else if (byte === CLOSE || byte === CLOSE_LIST) {
          this.depth -= 1;
          if (this.depth > 0) continue;
          this.keep(piece.subarray(start, at + 1));
          this.give();
          start = at + 1;
        }
      } else if (byte === OPEN) {
        if (this.state === "other") this.keep(piece.subarray(start, at));
        this.give();
        this.state = "object";
        this.depth = 1;
        start = at;
      } else if (this.state === "between" && !isSeparator(byte)) {
        this.state = "other";
        start = at;
      }
    }
    if (this.state !== "between") this.keep(piece.subarray(start));
  }

  /** The line is over; an object that is not is none. */
  end(): void {
    this.give();
    this.inString = false;
    this.escaped = false;
  }

  private keep(piece: Buffer): void {
    this.bytes += piece.length;
    if (this.bytes <= this.maxBytes) this.kept.push(piece);
    else this.kept = [];
  }

  private give(): void {
    const { bytes } = this;
    const text = bytes > this.maxBytes ? undefined : Buffer.concat(this.kept).toString();
    this.state = "between";
    this.depth = 0;
    this.kept = [];
    this.bytes = 0;
    if (bytes > 0 && text !== BYTE_ORDER_MARK) this.onValue(text, bytes);
  }
}

const isSeparator = (byte: number): boolean =>
  byte <= SPACE || byte === COMMA || byte === OPEN_LIST || byte === CLOSE_LIST;

/** Far more than an object of a list has that one of our functions has written. */
const MOST_BYTES = 100_000;

/** The objects of a JSON array on one line, one by one: the array may be larger than the memory. Throws when one is none. */
export async function* objectsOf<T>(parser: Parser<T>, chunks: AsyncIterable<Buffer>): AsyncGenerator<T> {
  let found: T[] = [];
  const splitter = new ValueSplitter(
    (text = "") => found.push(parseJson(parser, text, "an entry of the list")),
    MOST_BYTES,
  );
  for await (const chunk of chunks) {
    splitter.push(chunk);
    yield* found;
    found = [];
  }
  splitter.end();
  yield* found;
}
