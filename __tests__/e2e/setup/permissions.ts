import { GetRolePolicyCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { Naming } from "../../../modules/base/naming";
import { emulatorSettings, type System } from "../../../scripts/lib/system";

interface Statement {
  readonly Action: readonly string[];
}

/** Takes an action from the role of these name parts, and no other, for as long as `work` takes. */
export async function without(
  { emulator, config }: System,
  role: readonly string[],
  action: string,
  work: () => Promise<void>,
): Promise<void> {
  const iam = new IAMClient(emulatorSettings(emulator, config));
  const policy = { RoleName: new Naming(config).of("role", ...role), PolicyName: "permissions" };
  const { PolicyDocument } = await iam.send(new GetRolePolicyCommand(policy));
  const whole = decodeURIComponent(PolicyDocument as string);
  const { Statement: statements, ...rest } = JSON.parse(whole) as { Statement: readonly Statement[] };
  expect(statements.some(({ Action }) => Action.includes(action))).toBe(true);
  const kept = statements
    .map((statement) => ({ ...statement, Action: statement.Action.filter((each) => each !== action) }))
    .filter(({ Action }) => Action.length > 0);
  await iam.send(new PutRolePolicyCommand({ ...policy, PolicyDocument: JSON.stringify({ ...rest, Statement: kept }) }));
  try {
    await work();
  } finally {
    await iam.send(new PutRolePolicyCommand({ ...policy, PolicyDocument: whole }));
  }
}
