import { brokenJson, noJson } from "./broken-json";
import { shapeOf } from "./formats";
import { NO_OBJECT, problem, type RejectedLine, rejectedLine } from "./line";
import { LineSplitter } from "./lines";
import { ValueSplitter } from "./values";

/** Takes what a line, or an object within it, is; returns why it is rejected, if it is. */
export type Take<Usable> = (
  found: Usable | RejectedLine,
  bytes: number,
  line: number,
  record: number,
) => string | undefined;

/** That so many records in a row cannot be used is no accident, where one in twenty is tolerated. */
const LEAST_LINES = 10;
/**
 * After so many that are too short for any record the others need not be looked at: a gigabyte of `{}` takes half an
 * hour.
 */
const MOST_TOO_SHORT = 20_000;
const SHORTEST_RECORD = 100;

/** Adds the place to the rejection of a line that is no JSON object only because of a value that JSON does not know. */
function withPlace<Usable>(found: Usable | RejectedLine, text: string): Usable | RejectedLine {
  const broken = found === NO_OBJECT ? brokenJson(text) : undefined;
  if (broken?.foreign === undefined) return found;
  return rejectedLine({ pointer: broken.pointer, message: noJson(broken.foreign) });
}

/**
 * Reads the records of one object of JSON Lines. A line that is no JSON object is looked at again, because it may hold
 * several, and be as long as the whole object then: `{…}{…}` of a delivery stream, records with carriage returns
 * between them, or an array.
 */
export class ObjectReader<Usable> {
  private records = 0;
  private usable = 0;
  private bytes = 0;
  private hasObject = false;
  private line = 1;
  private reason: string | undefined;
  private readonly values: ValueSplitter;
  private readonly lines: LineSplitter;

  constructor(
    private readonly readLine: (text: string) => Usable | RejectedLine,
    private readonly take: Take<Usable>,
    private readonly maxBytes: number,
  ) {
    const tooLong = problem(`is longer than ${maxBytes} bytes`);
    this.values = new ValueSplitter(
      (text, bytes) => this.found(text === undefined ? tooLong : withPlace(this.read(text), text), bytes),
      maxBytes,
    );
    this.lines = new LineSplitter(
      (text, number, bytes) => {
        this.line = number;
        const found = text === undefined ? NO_OBJECT : this.read(text);
        if (found !== NO_OBJECT) return this.found(found, bytes);
        if (text !== undefined) this.values.push(Buffer.from(text));
        this.values.end();
      },
      maxBytes,
      (piece, number) => {
        this.line = number;
        this.values.push(piece);
      },
    );
  }

  /** Tells that the rest need not be read. */
  get isHopeless(): boolean {
    return this.usable === 0 && this.records > MOST_TOO_SHORT && this.bytes < this.records * SHORTEST_RECORD;
  }

  push(chunk: Buffer): void {
    this.lines.push(chunk);
  }

  /** Ends the object, which began with `head`; says what it is instead when it gives nothing usable. */
  end(head: Buffer): string | undefined {
    this.lines.end();
    if (this.usable > 0 || this.records === 0) return undefined;
    const shape = shapeOf(head);
    if (shape !== undefined) return shape;
    // A few records in an object of their own may all be wrong; their share in the whole is what counts then.
    if (this.hasObject && this.records < LEAST_LINES && this.bytes <= this.maxBytes) return undefined;
    return `has no usable record; the first of ${this.records}: ${this.reason}`;
  }

  /** Counts the object as one rejected line, whatever it is; returns what it is. */
  refuse(what: string, bytes: number): string {
    this.found(problem(what), bytes);
    return what;
  }

  private read(text: string): Usable | RejectedLine {
    const found = this.readLine(text);
    if (found !== NO_OBJECT) this.hasObject = true;
    return found;
  }

  private found(found: Usable | RejectedLine, bytes: number): void {
    this.records += 1;
    this.bytes += bytes;
    const rejected = this.take(found, bytes, this.line, this.records);
    if (rejected === undefined) this.usable += 1;
    else this.reason ??= rejected;
  }
}
