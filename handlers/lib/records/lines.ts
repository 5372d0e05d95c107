import { type Parser, parseJson } from "../../../contracts/parse";

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Receives a line's text without its end, or `undefined` in place of a line that is longer than allowed; and its bytes. */
export type OnLine = (line: string | undefined, number: number, bytes: number) => void;

/**
 * Splits a stream of bytes into lines. A newline byte is never a part of another UTF-8 character, so lines are cut as
 * bytes and decoded whole: a character split between chunks survives. Memory is bounded by the longest line allowed.
 * Empty lines, and lines of white space, are counted and skipped.
 */
export class LineSplitter {
  private rest: Buffer[] = [];
  private restBytes = 0;
  private number = 0;

  constructor(
    private readonly onLine: OnLine,
    private readonly maxBytes: number,
    /** Receives the pieces of a line that is longer than allowed, as they come, before the line itself is told. */
    private readonly onPiece?: (piece: Buffer, number: number) => void,
  ) {}

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      this.line(chunk.subarray(start, end));
      start = end + 1;
    }
    if (start < chunk.length) this.keep(chunk.subarray(start));
  }

  /** The last line may have no newline. */
  end(): void {
    if (this.restBytes > 0) this.line(Buffer.alloc(0));
  }

  private keep(piece: Buffer): void {
    this.restBytes += piece.length;
    if (this.restBytes > this.maxBytes) this.giveUp(piece);
    else this.rest.push(piece);
  }

  private giveUp(piece: Buffer): void {
    if (this.onPiece) for (const each of [...this.rest, piece]) this.onPiece(each, this.number + 1);
    this.rest = [];
  }

  private line(last: Buffer): void {
    let bytes = last;
    let length = last.length;
    if (this.restBytes > 0) {
      length += this.restBytes;
      if (length <= this.maxBytes) bytes = Buffer.concat([...this.rest, last]);
      this.restBytes = 0;
    }
    if (length > this.maxBytes) this.giveUp(last);
    this.rest = [];
    this.number += 1;
    if (length > this.maxBytes) {
      this.onLine(undefined, this.number, length);
      return;
    }
    const end = bytes[length - 1] === RETURN ? length - 1 : length;
    const start = this.number === 1 && bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0;
    if (end <= start) return;
    const text = bytes.toString("utf8", start, end);
    // Only what begins like white space can be nothing else.
    if ((bytes[start] as number) > SPACE || text.trim() !== "") this.onLine(text, this.number, length);
  }
}

/** Parses a text of JSON Lines. Throws what is wrong with the first bad line. */
export const parseLines = <T>(parser: Parser<T>, text: string, document: string): T[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line, index) => parseJson(parser, line, `${document}, line ${index + 1},`));
