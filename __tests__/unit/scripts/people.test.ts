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
  CognitoIdentityProviderClient,
  ListUserPoolClientsCommand,
  ListUserPoolsCommand,
  NotAuthorizedException,
  UserNotFoundException,
  UsernameExistsException,
} from "@aws-sdk/client-cognito-identity-provider";
import { mockClient } from "aws-sdk-client-mock";
import {
  addMember,
  deleteMember,
  disableMember,
  findPool,
  requireUserName,
  tokenOf,
} from "../../../scripts/lib/people";

const mock = mockClient(CognitoIdentityProviderClient);
const cognito = new CognitoIdentityProviderClient({ region: "eu-west-1" });
const pool = { cognito, id: "pool", clientId: "client" };
const user = { UserPoolId: "pool", Username: "anna" };
const error = { $metadata: {}, message: "said by Cognito" };
beforeEach(() => mock.reset());

test("the pool and its client are found by name, on any page", async () => {
  mock
    .on(ListUserPoolsCommand)
    .resolvesOnce({ UserPools: [{ Id: "other", Name: "labellers-of-old" }], NextToken: "2" })
    .resolves({ UserPools: [{ Id: "pool", Name: "labellers" }] });
  mock
    .on(ListUserPoolClientsCommand, { UserPoolId: "pool" })
    .resolvesOnce({ UserPoolClients: [], NextToken: "2" })
    .resolves({ UserPoolClients: [{ ClientId: "client", ClientName: "labellers" }] });
  expect(await findPool(cognito, "labellers")).toEqual(pool);
  await expect(findPool(cognito, "others")).rejects.toThrow('There is no user pool "others"');
});

test("a labeller gets an account of one operator, a strong password and the group; nothing is mailed", async () => {
  mock.onAnyCommand().resolves({});
  const passwords = [
    await addMember(pool, "anna", "o-1", "labellers"),
    await addMember(pool, "anna", "o-1", "labellers"),
  ];
  expect(new Set(passwords).size).toBe(2);
  for (const password of passwords) expect(password).toMatch(/^[\w-]{20}-aA1$/);
  expect(mock.calls().map(({ args }) => args[0].constructor)).toEqual([
    ...[AdminCreateUserCommand, AdminSetUserPasswordCommand, AdminAddUserToGroupCommand],
    ...[AdminCreateUserCommand, AdminSetUserPasswordCommand, AdminAddUserToGroupCommand],
  ]);
  const [create, setPassword, join] = mock.calls().map(({ args }) => args[0].input);
  expect(create).toMatchObject({
    ...user,
    MessageAction: "SUPPRESS",
    UserAttributes: [{ Name: "custom:operator_id", Value: "o-1" }],
  });
  expect(setPassword).toEqual({ ...user, Password: passwords[0], Permanent: true });
  expect(join).toEqual({ ...user, GroupName: "labellers" });
});

test("a reviewer is one of another group", async () => {
  mock.onAnyCommand().resolves({});
  await addMember(pool, "rosa", "o-1", "reviewers");
  expect(mock.commandCalls(AdminAddUserToGroupCommand)[0]?.args[0].input).toMatchObject({ GroupName: "reviewers" });
});

test("an account that there is gets a new password, but never another operator", async () => {
  mock.onAnyCommand().resolves({});
  mock.on(AdminCreateUserCommand).rejects(new UsernameExistsException(error));
  mock.on(AdminGetUserCommand).resolves({ UserAttributes: [{ Name: "custom:operator_id", Value: "o-1" }] } as never);
  await addMember(pool, "anna", "o-1", "labellers");
  expect(mock.commandCalls(AdminEnableUserCommand)[0]?.args[0].input).toEqual(user);
  await expect(addMember(pool, "anna", "o-2", "labellers")).rejects.toThrow("anna is there for o-1");
  expect(mock.commandCalls(AdminSetUserPasswordCommand)).toHaveLength(1);
});

test.each(["anna bob", "anna\tbob", "", "a".repeat(129)])("nobody is called %j", (name) => {
  expect(() => requireUserName(name)).toThrow(`"${name}" is no user's name: it has 1 to 128 letters, digits or signs`);
});

test.each(["anna", "anna.bob@example.org", "Åsa_1"])("somebody may be called %s", (name) => {
  expect(() => requireUserName(name)).not.toThrow();
});

test("a name that cannot be an operator's is refused", async () => {
  await expect(addMember(pool, "anna", "#runs", "labellers")).rejects.toThrow(`"#runs" is no operator's id`);
  expect(mock.calls()).toEqual([]);
});

test("a removed labeller is disabled and signed out", async () => {
  mock.on(AdminDisableUserCommand).resolvesOnce({}).rejects(new UserNotFoundException(error));
  await disableMember(pool, "anna");
  expect(mock.commandCalls(AdminUserGlobalSignOutCommand)[0]?.args[0].input).toEqual(user);
  await expect(disableMember(pool, "anna")).rejects.toThrow("There is no account anna.");
});

test("a labeller who was added for another operator by mistake is deleted, and added again", async () => {
  mock.onAnyCommand().resolves({});
  mock.on(AdminCreateUserCommand).rejectsOnce(new UsernameExistsException(error)).resolves({});
  mock.on(AdminGetUserCommand).resolves({ UserAttributes: [{ Name: "custom:operator_id", Value: "o-1" }] } as never);
  await expect(addMember(pool, "anna", "o-2", "labellers")).rejects.toThrow(
    "begin anew: npm run labeller -- delete anna",
  );
  await deleteMember(pool, "anna");
  expect(mock.commandCalls(AdminDeleteUserCommand)[0]?.args[0].input).toEqual(user);
  expect(await addMember(pool, "anna", "o-2", "labellers")).toMatch(/-aA1$/);
  mock.on(AdminDeleteUserCommand).rejects(new UserNotFoundException(error));
  await expect(deleteMember(pool, "anna")).rejects.toThrow("There is no account anna.");
});

test("a token is what the password is worth", async () => {
  mock
    .on(AdminInitiateAuthCommand)
    .resolvesOnce({ AuthenticationResult: { IdToken: "token" } })
    .resolvesOnce({ ChallengeName: "SOFTWARE_TOKEN_MFA" })
    .rejectsOnce(new NotAuthorizedException(error));
  expect(await tokenOf(pool, "anna", "secret")).toBe("token");
  expect(mock.commandCalls(AdminInitiateAuthCommand)[0]?.args[0].input).toMatchObject({
    ClientId: "client",
    AuthFlow: "ADMIN_USER_PASSWORD_AUTH",
    AuthParameters: { USERNAME: "anna", PASSWORD: "secret" },
  });
  await expect(tokenOf(pool, "anna", "secret")).rejects.toThrow("more than a password (SOFTWARE_TOKEN_MFA)");
  await expect(tokenOf(pool, "anna", "secret")).rejects.toThrow("Cognito refuses anna: said by Cognito");
});
