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

/**
 * Finds the operator that a request is about: the one that its query names, or the only one that the caller acts for.
 * Throws a `Refusal` for an operator of others, whether there is such a one or not.
 */
export function operatorOf(event: ProxyEvent, clients: ClientOperators, named: string | undefined): string {
  const operators = operatorsOf(event, clients);
  if (named === undefined && operators.length > 1) {
    throw new Refusal("bad-request", "say which operator's player it is: add ?operator=… to the path");
  }
  const operator = operators.find((each) => named === undefined || each === named);
  if (operator === undefined)
    throw new Refusal("not-your-operator", "the key does not act for the operator of the query");
  return operator;
}
