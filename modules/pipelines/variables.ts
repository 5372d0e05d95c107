declare const EXPRESSION: unique symbol;

/** JSONata that reads a variable or a field of one; in a template it becomes its text. */
interface Read {
  readonly [EXPRESSION]: true;
}

/** JSONata as text, or as a path of a variable. */
export type Expression = string | Read;

/** JSONata that reads a variable or a field of one; a field that its type does not have does not compile. */
export type Path<Value> = Read &
  (Value extends readonly unknown[] | string | number | boolean
    ? unknown
    : { readonly [Field in keyof Value]-?: Path<NonNullable<Value[Field]>> });

/**
 * Gives the paths of a state machine's variables, to be written into templates: with `const { plan } =
 * variables<Variables>()`, `${plan.compute.instanceType}` is `$plan.compute.instanceType`.
 */
export const variables = <Variables extends object>(): {
  readonly [Name in keyof Variables]-?: Path<NonNullable<Variables[Name]>>;
} =>
  // Only the compiler knows the names.
  new Proxy({}, { get: (_, name) => path(`$${String(name)}`) }) as never;

/** A path to begin with: its fields are those of `Value`. */
export const path = <Value>(expression: string): Path<Value> =>
  new Proxy(
    {},
    {
      get: (_, field) =>
        field === Symbol.toPrimitive || field === "toString"
          ? () => expression
          : path(`${expression}.${String(field)}`),
    },
  ) as never;

/** JSONata of an object whose fields are JSONata too. */
export const objectOf = (fields: Readonly<Record<string, Expression>>): string =>
  `{ ${Object.entries(fields)
    .map(([name, value]) => `'${name}': ${value}`)
    .join(", ")} }`;
