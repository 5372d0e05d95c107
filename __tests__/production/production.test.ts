import { join } from "node:path";
import { GetRolePolicyCommand, IAMClient, paginateListRoles } from "@aws-sdk/client-iam";
import { models } from "../../catalogue/models";
import { conformanceOf, keepConformance } from "../../scripts/lib/conformance";
import { examineAll } from "../../scripts/lib/doctor";
import { clientsOf } from "../../scripts/lib/doctor/clients";
import { plannedIn } from "../../scripts/lib/doctor/planned";
import { ask } from "../../scripts/lib/emulator";
import { PRODUCTION_TEST_SYSTEM } from "../../scripts/lib/names";
import { sampleBatch } from "../../scripts/lib/sample-data";
import { deploymentFolder, deploySystem, emulatorSettings, type System } from "../../scripts/lib/system";
import { eventually, testSystem, wallet } from "../e2e/setup/system";

const capacity = ({ emulator }: System, limits: object) =>
  ask(emulator, "/_vwt/capacity", { method: "PUT", body: JSON.stringify(limits) });

test("production applies as it is, also when the first apply stopped at its endpoints, and answers", async () => {
  const system = await testSystem("production", PRODUCTION_TEST_SYSTEM);
  const deploy = () => deploySystem(system, () => {});
  // Two instances each are wanted.
  await capacity(system, { "endpoint/ml.m5.large": 1 });
  await expect(deploy()).rejects.toThrow("Unable to provision requested ML compute capacity");
  await capacity(system, {});
  const { added, changed, destroyed } = await deploy();
  // Endpoints that did not come up are made again, and nothing else.
  expect([added > 100, changed, destroyed]).toEqual([true, 0, models.length]);
  const client = await wallet(system, "wallet");
  const records = sampleBatch() as { readonly operatorId: string }[];
  const others = records.flatMap(({ operatorId }, index) => (operatorId === "operator-a" ? [] : [index]));
  const { body } = await eventually(async () => {
    const answer = await client.send({ records });
    return answer.status === 200 && answer;
  });
  expect(body).toMatchObject({
    errors: others.map((index) => ({ index, status: 403 })),
    predictions: expect.arrayContaining([expect.objectContaining({ modelVersion: "initial" })]),
  });
});

test("every role's policy is as short as IAM wants it", async () => {
  const { emulator, config } = await testSystem("production", PRODUCTION_TEST_SYSTEM);
  const client = new IAMClient(emulatorSettings(emulator, config));
  const sizes: [string, number][] = [];
  for await (const { Roles = [] } of paginateListRoles({ client }, {})) {
    for (const { RoleName } of Roles) {
      const request = new GetRolePolicyCommand({ RoleName, PolicyName: "permissions" });
      const answer = await client.send(request).catch(() => undefined);
      if (answer) sizes.push([RoleName as string, decodeURIComponent(answer.PolicyDocument as string).length]);
    }
  }
  expect(sizes.length).toBeGreaterThan(20);
  // The bound of all inline policies of a role, in characters.
  expect(sizes.filter(([, size]) => size > 10_240)).toEqual([]);
});

test("the doctor finds its own names in the account, and says what it cannot look at here", async () => {
  const system = await testSystem("production", PRODUCTION_TEST_SYSTEM);
  const { emulator, config } = system;
  const surroundings = {
    config,
    planned: plannedIn(join(deploymentFolder(system), "cdktf.out")),
    ...clientsOf(emulatorSettings(emulator, config), true),
  };
  const examined = (await examineAll(surroundings, true)).map(({ name, level, says }) => [name, [level, says]]);
  expect(Object.fromEntries(examined)).toMatchObject({
    Credentials: ["ok", expect.stringContaining("arn:aws:iam::000000000000")],
    "Terraform state": ["ok", expect.stringMatching(/is encrypted and versioned$/)],
    "Names of buckets": ["ok", expect.stringMatching(/^0 are free/)],
    "Names of roles": ["ok", expect.stringMatching(/^0 are free/)],
    "Encryption key": ["ok", expect.stringMatching(/its policy is complete$/)],
    "API Gateway's log role": ["ok", expect.stringContaining(":role/")],
    "Quotas of instances": ["skipped", "the emulator has no Service Quotas"],
  });
});

test("AWS's service models allow every request of these tests", async () => {
  const { emulator } = await testSystem("production", PRODUCTION_TEST_SYSTEM);
  await keepConformance(emulator);
  const { violations, unread } = await conformanceOf(emulator);
  expect([violations, unread]).toEqual([[], {}]);
});
