import { POLICIES } from "../../../../../catalogue/interventions/policies";
import { VARIABLES, writeVariable } from "../../../../../contracts/environment";
import { operatorRules } from "../../../../../handlers/lib/interventions/rules";

const read = (rules: Parameters<typeof VARIABLES.OPERATOR_RULES.write>[0]) =>
  operatorRules(VARIABLES.OPERATOR_RULES.read(writeVariable("OPERATOR_RULES", rules)));

test("an operator's rules are what it has chosen, and cautious where it has not", () => {
  const marketing = { consent: "presumed", suppressFrom: "moderate" } as const;
  const rulesOf = read({ a: { policy: "uk" }, b: { policy: "new-jersey", holdOutShare: 0.1, marketing } });
  expect(rulesOf("a")).toEqual({
    policy: POLICIES.uk,
    holdOutShare: 0,
    marketing: { consent: "declared", suppressFrom: "high" },
  });
  expect(rulesOf("b")).toEqual({ policy: POLICIES["new-jersey"], holdOutShare: 0.1, marketing });
  expect(rulesOf("nobody")).toMatchObject({ policy: POLICIES.cautious, holdOutShare: 0 });
});

test("a policy that there is not is named at the start", () => {
  expect(() => read({ a: { policy: "toString" } })).toThrow(
    "OPERATOR_RULES names the policy toString for a; there are cautious, new-jersey, uk",
  );
});
