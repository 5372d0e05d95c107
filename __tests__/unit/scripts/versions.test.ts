import { DescribeModelPackageCommand, ListModelPackagesCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { mockClient } from "aws-sdk-client-mock";
import { VERSION_PROPERTY } from "../../../contracts/model-registry";
import { requireVersion } from "../../../scripts/lib/versions";

const mock = mockClient(SageMakerClient);
const environment = { sagemaker: new SageMakerClient({ region: "eu-west-1" }), naming: { of: () => "group" } as never };

beforeEach(() => {
  mock.reset();
  mock.on(ListModelPackagesCommand).resolves({ ModelPackageSummaryList: [{ ModelPackageArn: "arn" }] } as never);
  mock.on(DescribeModelPackageCommand).resolves({
    CustomerMetadataProperties: { [VERSION_PROPERTY]: "20260401-120000-abcdef" },
  } as never);
});

test.each(["initial", "20260401-120000-abcdef"])("a model may be rolled back to %s", async (version) => {
  await expect(requireVersion(environment, "m", version)).resolves.toBeUndefined();
});

test("a version that the registry does not have is refused, with those that it has", async () => {
  await expect(requireVersion(environment, "m", "20200101-000000-abcdef")).rejects.toThrow(
    "m has no version 20200101-000000-abcdef, so nothing was changed. It has 20260401-120000-abcdef, initial. " +
      "A version that was pruned cannot come back; retrain instead.",
  );
});
