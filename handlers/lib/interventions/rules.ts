import { POLICIES, type PolicyName } from "../../../catalogue/interventions/policies";
import { type Rules, USUAL_MARKETING } from "../../../catalogue/interventions/policy";
import type { Settings } from "../../../contracts/environment";

/** What holds where an operator chose nothing, and for operators that the configuration does not know. */
const USUAL: Rules = {
  policy: POLICIES.cautious,
  holdOutShare: 0,
  marketing: USUAL_MARKETING,
};

const isPolicy = (name: string): name is PolicyName => Object.hasOwn(POLICIES, name);

/** Finds each operator's rules. Throws when a policy is named that there is not. */
export function operatorRules(chosen: Settings<"intervene">["OPERATOR_RULES"]): (operatorId: string) => Rules {
  const rules = new Map(
    [...chosen].map(([operatorId, { policy, ...others }]): [string, Rules] => {
      if (!isPolicy(policy)) {
        const known = Object.keys(POLICIES).join(", ");
        throw new Error(`OPERATOR_RULES names the policy ${policy} for ${operatorId}; there are ${known}`);
      }
      return [operatorId, { ...USUAL, ...others, policy: POLICIES[policy] }];
    }),
  );
  return (operatorId) => rules.get(operatorId) ?? USUAL;
}
