import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { Testing } from "cdktf";
import fc from "fast-check";
import { ServiceRole } from "../../../modules/identity/iam";

interface Statement {
  readonly Effect: string;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: object;
}

/** The statements of a role with these grants. */
function statementsOf(grant: (role: ServiceRole) => void): readonly Statement[] {
  let role: ServiceRole | undefined;
  const json = Testing.synthScope((stack) => {
    role = new ServiceRole(stack, "role", {
      name: "r",
      description: "",
      service: "lambda.amazonaws.com",
    });
    grant(role);
  });
  const [policy] = Object.values(JSON.parse(json).resource[IamRolePolicy.tfResourceType]) as { policy: string }[];
  return JSON.parse(policy?.policy as string).Statement;
}

/** Action, resource and condition of everything allowed, one a line. */
const allowed = (statements: readonly Statement[]) =>
  new Set(
    statements.flatMap(({ Action, Resource, Condition }) =>
      Action.flatMap((action) => Resource.map((resource) => JSON.stringify([action, resource, Condition ?? null]))),
    ),
  );

const KINDS = ["object:read", "object:write", "bucket:list", "key:use", "function:invoke"] as const;
const ACTIONS: Readonly<Record<(typeof KINDS)[number], readonly string[]>> = {
  "object:read": ["s3:GetObject"],
  "object:write": ["s3:PutObject"],
  "bucket:list": ["s3:ListBucket"],
  "key:use": ["kms:Decrypt", "kms:GenerateDataKey"],
  "function:invoke": ["lambda:InvokeFunction"],
};

test("grants are written as few statements that allow just what was granted", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...KINDS), fc.constantFrom("a", "b", "c")), { minLength: 1, maxLength: 12 }),
      (grants) => {
        const statements = statementsOf((role) => {
          for (const [kind, resource] of grants) role.grant(kind, resource);
        });
        const expected = grants.flatMap(([kind, resource]) => ACTIONS[kind].map((action) => [action, resource, null]));
        expect(allowed(statements)).toEqual(new Set(expected.map((each) => JSON.stringify(each))));
        expect(statements.length).toBeLessThanOrEqual(new Set(grants.map(([kind]) => kind)).size);
        for (const { Effect } of statements) expect(Effect).toBe("Allow");
      },
    ),
    { numRuns: 50 },
  );
});

test("a condition is never shared with what was granted without it", () => {
  const statements = statementsOf((role) => {
    role
      .grant("function:invoke", "role-a")
      .grantPassRole("sagemaker.amazonaws.com", "role-a")
      .grantPassRole("events.amazonaws.com", "role-a", "role-b")
      .grantUnbound("metric:write-sagemaker");
  });
  expect(statements).toHaveLength(4);
  expect(statements.filter(({ Condition }) => Condition === undefined)).toEqual([
    { Effect: "Allow", Action: ["lambda:InvokeFunction"], Resource: ["role-a"] },
  ]);
});
