import { GROUPS, type Group } from "../../contracts/people";
import { ROUTES } from "../../contracts/routes";
import { runningEmulator } from "../lib/emulator";
import { main } from "../lib/main";
import { SYSTEM } from "../lib/names";
import { addMember, deleteMember, disableMember, findPool, type Pool, requireUserName, tokenOf } from "../lib/people";
import { UserError } from "../lib/process";
import { systemOutputs } from "../lib/system";
import { type Target, target } from "../lib/target";

interface Call {
  readonly environment: Target;
  readonly pool: Pool;
  readonly name: string;
  readonly operator: string | undefined;
  readonly group: Group;
}

/** What members of a group do, and where they see it. */
const WORK: Readonly<
  Record<Group, { readonly does: string; readonly list: keyof typeof ROUTES; readonly of: string }>
> = {
  labellers: { does: "labels", list: "listTasks", of: "tasks" },
  reviewers: { does: "reviews", list: "listReviews", of: "reviews" },
};

const COMMANDS: Readonly<Record<string, (call: Call) => Promise<string>>> = {
  add: async (call) => {
    const { pool, name, operator, group } = call;
    const { does } = WORK[group];
    if (operator === undefined)
      throw new UserError(`Say for whom ${name} ${does}: npm run labeller -- add ${name} --operator <operator id>`);
    const password = await addMember(pool, name, operator, group);
    return `${name} ${does} for ${operator}.\npassword  ${password}\n\n${await howTo(call)}`;
  },
  remove: async ({ pool, name }) => {
    await disableMember(pool, name);
    return `${name} cannot sign in any more. A token that ${name} has still works for up to an hour.`;
  },
  delete: async ({ pool, name }) => {
    await deleteMember(pool, name);
    return `${name} has no account any more, and may be added again. A token that ${name} has still works for up to an hour.`;
  },
  token: async ({ pool, name }) => {
    const password = process.env.VWT_LABELLER_PASSWORD;
    if (!password) throw new UserError("Put the password into the environment variable VWT_LABELLER_PASSWORD.");
    return tokenOf(pool, name, password);
  },
};

/** The password is shown once and not kept; these lines read it from the environment. */
async function howTo({ environment: { config }, pool, name, group }: Call): Promise<string> {
  const { list, of } = WORK[group];
  const emulator = config.environment === "local" ? await runningEmulator(SYSTEM) : undefined;
  const id = emulator && systemOutputs({ emulator, config }).api?.["rest-api-id"];
  const token = emulator
    ? `npm run --silent labeller -- token ${name}`
    : `aws cognito-idp admin-initiate-auth --user-pool-id ${pool.id} --client-id ${pool.clientId} \\
    --auth-flow ADMIN_USER_PASSWORD_AUTH --auth-parameters "USERNAME=${name},PASSWORD=$VWT_LABELLER_PASSWORD" \\
    --query AuthenticationResult.IdToken --output text`;
  const url = emulator
    ? `${emulator.url}/_aws/execute-api/${id}/${config.api.stage}`
    : "<output api-url of the api stack>";
  return [
    `To see ${of}, with the password in VWT_LABELLER_PASSWORD:`,
    `  TOKEN=$(${token})`,
    `  curl -s -H "authorization: $TOKEN" '${url}/${ROUTES[list].path}?limit=5'`,
  ].join("\n");
}

/** Looks after the accounts of the people who label and who review. */
main("labeller", async ({ arguments: [action = "", name = ""], options: { operator, group: wanted } }) => {
  const command = Object.entries(COMMANDS).find(([known]) => known === action)?.[1];
  if (!command)
    throw new UserError(`Say what to do with ${name}: ${Object.keys(COMMANDS).join(", ")}, not "${action}".`);
  requireUserName(name);
  const environment = await target();
  const pool = await findPool(environment.cognito, environment.naming.of("userPool", "labellers"));
  const group = (Object.keys(GROUPS) as Group[]).find((each) => each === wanted) ?? "labellers";
  console.log(await command({ environment, pool, name, operator, group }));
  return undefined;
});
