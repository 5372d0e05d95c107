/** Something that operators may leave out of a record as a whole. */
export interface Omission<R> {
  readonly name: string;
  /** Returns the record as an operator sends it that leaves this out. */
  from(record: R): R;
}

/** Makes the omission of an optional field. */
export const withoutField = <R extends object>(field: keyof R & string): Omission<R> => ({
  name: field,
  from: (record) => Object.fromEntries(Object.entries(record).filter(([name]) => name !== field)) as R,
});
