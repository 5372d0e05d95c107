import { setTimeout as pause } from "node:timers/promises";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";

/** Items of DynamoDB, as the SDK has them. */
export type Item = Record<string, AttributeValue>;

export const S = (value: string): AttributeValue => ({ S: value });
export const N = (value: number): AttributeValue => ({ N: String(value) });

/** Names for every attribute of an expression, because many are reserved words: `#status` for `status`. */
export const names = (...attributes: readonly string[]): Record<string, string> =>
  Object.fromEntries(attributes.map((attribute) => [`#${attribute}`, attribute]));

export const textOf = (item: Item, name: string): string => item[name]?.S ?? "";
export const numberOf = (item: Item, name: string): number => Number(item[name]?.N ?? 0);

/** Waits before the given attempt, spread so that those who met do not meet again. */
export const spread = (attempt: number): Promise<void> => pause(Math.random() * 50 * 2 ** attempt);
