import { randomBytes } from "node:crypto";
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminGetUserCommand,
  AdminInitiateAuthCommand,
  AdminSetUserPasswordCommand,
  AdminUserGlobalSignOutCommand,
  type CognitoIdentityProviderClient,
  NotAuthorizedException,
  paginateListUserPoolClients,
  paginateListUserPools,
  UserNotFoundException,
  UsernameExistsException,
} from "@aws-sdk/client-cognito-identity-provider";
import { type Group, OPERATOR_ATTRIBUTE, PSEUDONYM } from "../../contracts/people";
import { UserError } from "./process";

/** An environment's pool of people. */
export interface Pool {
  readonly cognito: CognitoIdentityProviderClient;
  readonly id: string;
  readonly clientId: string;
}

const ATTRIBUTE = `custom:${OPERATOR_ATTRIBUTE}`;
/** Form of a user's name, as Cognito takes it. */
const USER_NAME = /^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$/u;

/** Refuses a name that no user of Cognito can have. */
export function requireUserName(name: string): void {
  if (USER_NAME.test(name)) return;
  throw new UserError(`"${name}" is no user's name: it has 1 to 128 letters, digits or signs, and no space.`);
}

/** Finds the pool of a name, and its client of the same name. */
export async function findPool(cognito: CognitoIdentityProviderClient, name: string): Promise<Pool> {
  for await (const { UserPools = [] } of paginateListUserPools({ client: cognito }, { MaxResults: 60 })) {
    const id = UserPools.find((pool) => pool.Name === name)?.Id;
    if (id === undefined) continue;
    const pages = paginateListUserPoolClients({ client: cognito }, { UserPoolId: id, MaxResults: 60 });
    for await (const { UserPoolClients = [] } of pages) {
      const clientId = UserPoolClients.find((client) => client.ClientName === name)?.ClientId;
      if (clientId !== undefined) return { cognito, id, clientId };
    }
  }
  throw new UserError(`There is no user pool "${name}" with a client: deploy the storage stack.`);
}

/** Makes a password of 120 random bits, with one of each kind of character that the pool's policy asks for. */
const newPassword = (): string => `${randomBytes(15).toString("base64url")}-aA1`;

/**
 * Makes an account in a group, or adds the one that there is and gives it a new password. Returns the password. Throws a
 * `UserError` where the account is for another operator.
 */
export async function addMember({ cognito, id }: Pool, name: string, operator: string, group: Group): Promise<string> {
  if (!PSEUDONYM.test(operator)) throw new UserError(`"${operator}" is no operator's id.`);
  const user = { UserPoolId: id, Username: name };
  const Password = newPassword();
  const UserAttributes = [{ Name: ATTRIBUTE, Value: operator }];
  try {
    const first = { TemporaryPassword: Password, MessageAction: "SUPPRESS" } as const;
    await cognito.send(new AdminCreateUserCommand({ ...user, ...first, UserAttributes }));
  } catch (error) {
    if (!(error instanceof UsernameExistsException)) throw error;
    const found = await cognito.send(new AdminGetUserCommand(user));
    const other = found.UserAttributes?.find((attribute) => attribute.Name === ATTRIBUTE)?.Value;
    if (other !== operator) {
      throw new UserError(
        `${name} is there for ${other}, which no account changes. Choose another name for ${operator}; or, if ${other} was ` +
          `a mistake, begin anew: npm run labeller -- delete ${name}`,
      );
    }
    await cognito.send(new AdminEnableUserCommand(user));
  }
  await cognito.send(new AdminSetUserPasswordCommand({ ...user, Password, Permanent: true }));
  await cognito.send(new AdminAddUserToGroupCommand({ ...user, GroupName: group }));
  return Password;
}

/** Disables an account, so that it cannot sign in any more. A token that was given out stays good for its hour. */
export async function disableMember({ cognito, id }: Pool, name: string): Promise<void> {
  const user = { UserPoolId: id, Username: name };
  await existing(name, cognito.send(new AdminDisableUserCommand(user)));
  await cognito.send(new AdminUserGlobalSignOutCommand(user));
}

/**
 * Deletes an account, so that its name is free for another operator. The new account is another person: what the old one
 * answered or decided stays with the operator for whom they did.
 */
export async function deleteMember({ cognito, id }: Pool, name: string): Promise<void> {
  await existing(name, cognito.send(new AdminDeleteUserCommand({ UserPoolId: id, Username: name })));
}

/** Signs somebody in. Returns an ID token, as the API's routes for people take it. */
export async function tokenOf({ cognito, id, clientId }: Pool, name: string, password: string): Promise<string> {
  const command = new AdminInitiateAuthCommand({
    UserPoolId: id,
    ClientId: clientId,
    AuthFlow: "ADMIN_USER_PASSWORD_AUTH",
    AuthParameters: { USERNAME: name, PASSWORD: password },
  });
  const { AuthenticationResult, ChallengeName } = await existing(name, cognito.send(command)).catch(
    (error: unknown) => {
      throw error instanceof NotAuthorizedException
        ? new UserError(`Cognito refuses ${name}: ${error.message}`)
        : error;
    },
  );
  if (AuthenticationResult?.IdToken) return AuthenticationResult.IdToken;
  throw new UserError(`${name} must sign in with more than a password (${ChallengeName}); this command cannot.`);
}

const existing = <T>(name: string, answer: Promise<T>): Promise<T> =>
  answer.catch((error: unknown) => {
    throw error instanceof UserNotFoundException ? new UserError(`There is no account ${name}.`) : error;
  });
