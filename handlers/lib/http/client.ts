import type { ProxyEvent } from "./api-gateway";
import { Refusal } from "./problem";

/** Operators that each client acts for, by the id of its API key. */
export type ClientOperators = ReadonlyMap<string, readonly string[]>;

/**
 * Finds the operators that the caller acts for, by the key that API Gateway has checked. Throws a `Refusal` for a key that
 * belongs to no client of the configuration, such as one that somebody made by hand.
 */
export function operatorsOf({ requestContext }: ProxyEvent, clients: ClientOperators): readonly string[] {
  const operators = clients.get(requestContext.identity?.apiKeyId ?? "");
  if (!operators) throw new Refusal("not-your-operator", "the API key belongs to no client that acts for an operator");
  return operators;
}
