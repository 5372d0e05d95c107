import { CognitoUserGroup } from "@cdktf/provider-aws/lib/cognito-user-group";
import { CognitoUserPool } from "@cdktf/provider-aws/lib/cognito-user-pool";
import { CognitoUserPoolClient } from "@cdktf/provider-aws/lib/cognito-user-pool-client";
import { Construct } from "constructs";
import { LABELLERS, OPERATOR_ATTRIBUTE } from "../../catalogue/labelling/labellers";

const SESSION_IN_MINUTES = 60;

export interface LabellersProps {
  readonly name: string;
  /** Whether labellers sign in with a software token as a second factor. */
  readonly mfa: "OFF" | "OPTIONAL" | "ON";
  /** Lets `terraform destroy` remove the pool with its accounts. */
  readonly destroyable: boolean;
}

/** Holds the accounts of the people who label: only an administrator makes them, each for one operator. */
export class Labellers extends Construct {
  readonly poolArn: string;
  readonly poolId: string;
  readonly clientId: string;

  constructor(scope: Construct, id: string, { name, mfa, destroyable }: LabellersProps) {
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
          // What somebody labelled stays with the operator for whom they did.
          mutable: false,
          required: false,
          stringAttributeConstraints: { minLength: "1", maxLength: "128" },
        },
      ],
      deletionProtection: destroyable ? "INACTIVE" : "ACTIVE",
    });
    new CognitoUserGroup(this, "group", {
      name: LABELLERS,
      userPoolId: pool.id,
      description: "May see tasks of their operator and answer them",
    });
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
