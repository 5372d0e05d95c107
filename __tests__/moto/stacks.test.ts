import { ApplicationAutoScalingClient, ListTagsForResourceCommand } from "@aws-sdk/client-application-auto-scaling";
import { emulatorSettings } from "../../scripts/lib/system";
import { GAPS } from "./gaps";
import { applyTwice, type Moto, openBuckets, startMoto } from "./setup";

/**
 * Applies the same Terraform to an emulator that others wrote, so that the kindness of one is not the only judge. It is
 * no part of `npm test`, because it installs 300 MB of its own and then takes 45 s of CPU.
 */
let moto: Moto;
beforeAll(async () => {
  moto = await startMoto();
});
afterAll(() => moto?.server.kill());

test("storage: the second plan is empty", async () => {
  expect(await applyTwice(moto, "storage")).toEqual(GAPS.forgotten.storage);
  await openBuckets(moto.system);
});

test.each(["sagemaker", "api"] as const)("%s: the second plan changes only what moto forgets", async (stack) => {
  expect(await applyTwice(moto, stack)).toEqual(GAPS.forgotten[stack]);
});

test("resources that are left out cannot be applied by moto yet", async () => {
  const { emulator, config } = moto.system;
  const client = new ApplicationAutoScalingClient({ ...emulatorSettings(emulator, config), maxAttempts: 1 });
  const ResourceARN = `arn:aws:application-autoscaling:${config.region}:${config.accountId}:scalable-target/none`;
  const refused = await client.send(new ListTagsForResourceCommand({ ResourceARN })).catch((error: Error) => error);
  expect(refused).toMatchObject({ $metadata: { httpStatusCode: 500 } });
});
