import { checked, type Policy } from "../policy";
import { cautious } from "./cautious";
import { newJersey } from "./new-jersey";
import { uk } from "./uk";

/** Every policy that an operator may choose, by its name. */
export const POLICIES = {
  cautious: checked(cautious),
  "new-jersey": checked(newJersey),
  uk: checked(uk),
} as const satisfies Readonly<Record<string, Policy>>;

export type PolicyName = keyof typeof POLICIES;
