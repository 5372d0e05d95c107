import { GetRolePolicyCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { emulatorSettings, type System } from "../../../scripts/lib/system";

/** Takes an action from a role, with what its statement grants beside it, for as long as `work` takes. */
export async function without(
  { emulator, config }: System,
  role: string,
  action: string,
  work: () => Promise<void>,
): Promise<void> {
  const iam = new IAMClient(emulatorSettings(emulator, config));
  const policy = { RoleName: role, PolicyName: "permissions" };
  const { PolicyDocument } = await iam.send(new GetRolePolicyCommand(policy));
  const whole = decodeURIComponent(PolicyDocument as string);
  const document = JSON.parse(whole) as { Statement: { Action: string[] | string }[] };
  const kept = document.Statement.filter(({ Action }) => !Action.includes(action));
  expect(kept.length).toBeLessThan(document.Statement.length);
  await iam.send(
    new PutRolePolicyCommand({ ...policy, PolicyDocument: JSON.stringify({ ...document, Statement: kept }) }),
  );
  try {
    await work();
  } finally {
    await iam.send(new PutRolePolicyCommand({ ...policy, PolicyDocument: whole }));
  }
}
