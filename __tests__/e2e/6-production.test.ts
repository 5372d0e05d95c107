import { sampleBatch } from "../../scripts/lib/sample-data";
import { deploySystem } from "../../scripts/lib/system";
import { eventually, testSystem, wallet } from "./setup/system";

test("production applies as it is and answers", async () => {
  const system = await testSystem("production");
  const { added, changed, destroyed } = await deploySystem(system, () => {});
  expect([added > 100, changed, destroyed]).toEqual([true, 0, 0]);
  const client = await wallet(system, "wallet");
  const { body } = await eventually(async () => {
    const answer = await client.send({ records: sampleBatch() });
    return answer.status === 200 && answer;
  });
  expect(body).toMatchObject({
    errors: [],
    predictions: expect.arrayContaining([expect.objectContaining({ modelVersion: "initial" })]),
  });
});
