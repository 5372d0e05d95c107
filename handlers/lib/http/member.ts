import { type Group, OPERATOR_ATTRIBUTE } from "../../../contracts/people";
import type { ProblemType } from "../../../contracts/problems";
import type { RoutedEvent } from "./api-gateway";
import { Refusal } from "./problem";

/** A person who has signed in, and whose players they may see. */
export interface Member {
  readonly id: string;
  readonly operatorId: string;
}

const PROBLEMS: Readonly<Record<Group, ProblemType>> = { labellers: "not-a-labeller", reviewers: "not-a-reviewer" };

/** Reads who asks from the claims of their ID token. Throws a `Refusal` for those who are not in the group. */
export function memberOf({ requestContext }: RoutedEvent, group: Group): Member {
  const claims = requestContext.authorizer?.claims ?? {};
  // API Gateway writes a list as `a,b` or `[a b]`.
  const groups: readonly string[] = claims["cognito:groups"]?.match(/[^[\],\s]+/g) ?? [];
  if (!groups.includes(group)) throw new Refusal(PROBLEMS[group], `the account is not in the group ${group}`);
  const { sub: id, [`custom:${OPERATOR_ATTRIBUTE}`]: operatorId } = claims;
  if (!id || !operatorId) {
    throw new Refusal(PROBLEMS[group], "the token names no operator; send the ID token, not the access token");
  }
  return { id, operatorId };
}
