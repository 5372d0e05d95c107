import { CognitoUserGroup } from "@cdktf/provider-aws/lib/cognito-user-group";
import { CognitoUserPool } from "@cdktf/provider-aws/lib/cognito-user-pool";
import { CognitoUserPoolClient } from "@cdktf/provider-aws/lib/cognito-user-pool-client";
import { Construct } from "constructs";
import { GROUPS, OPERATOR_ATTRIBUTE } from "../../contracts/people";

const SESSION_IN_MINUTES = 60;

export interface PeopleProps {
  readonly name: string;
  /** Whether they sign in with a software token as a second factor. */
  readonly mfa: "OFF" | "OPTIONAL" | "ON";
  /** Lets `terraform destroy` remove the pool with its accounts. */
  readonly destroyable: boolean;
}

/** Holds the accounts of the people who label and who review: only an administrator makes them, each for one operator. */
export class People extends Construct {
  readonly poolArn: string;
  readonly poolId: string;
  readonly clientId: string;

  constructor(scope: Construct, id: string, { name, mfa, destroyable }: PeopleProps) {
    super(scope, id);
    const pool = new CognitoUserPool(this, "pool", {
      name,
      adminCreateUserConfig: { allowAdminCreateUserOnly: true },
      accountRecoverySetting: { recoveryMechanism: [{ name: "admin_only", priority: 1 }] },
      usernameConfiguration: { caseSensitive: false },
      passwordPolicy: {
        minimumLength: 14,
        requireLowercase: true,
        requireUppercase: true,
        requireNumbers: true,
        requireSymbols: true,
        temporaryPasswordValidityDays: 1,
      },
      mfaConfiguration: mfa,
      ...(mfa !== "OFF" && { softwareTokenMfaConfiguration: { enabled: true } }),
      schema: [
        {
          name: OPERATOR_ATTRIBUTE,
          attributeDataType: "String",
          // What somebody labelled or decided stays with the operator for whom they did.
          mutable: false,
          required: false,
          stringAttributeConstraints: { minLength: "1", maxLength: "128" },
        },
      ],
      deletionProtection: destroyable ? "INACTIVE" : "ACTIVE",
    });
    for (const [group, description] of Object.entries(GROUPS)) {
      // The first group has the id that earlier versions deployed.
      const id = group === "labellers" ? "group" : `group-${group}`;
      new CognitoUserGroup(this, id, { name: group, userPoolId: pool.id, description });
    }
    const client = new CognitoUserPoolClient(this, "client", {
      name,
      userPoolId: pool.id,
      generateSecret: false,
      // The second is for `npm run labeller -- token`, which needs AWS credentials.
      explicitAuthFlows: ["ALLOW_USER_SRP_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
      preventUserExistenceErrors: "ENABLED",
      enableTokenRevocation: true,
      idTokenValidity: SESSION_IN_MINUTES,
      accessTokenValidity: SESSION_IN_MINUTES,
      refreshTokenValidity: 12,
      tokenValidityUnits: [{ idToken: "minutes", accessToken: "minutes", refreshToken: "hours" }],
      // Nobody chooses their operator.
      readAttributes: ["name", `custom:${OPERATOR_ATTRIBUTE}`],
      writeAttributes: ["name"],
    });
    this.poolArn = pool.arn;
    this.poolId = pool.id;
    this.clientId = client.id;
  }
}
