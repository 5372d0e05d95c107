import {
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DeleteModelPackageCommand,
  DescribeModelPackageCommand,
  paginateListModelPackages,
  type SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { concurrently } from "../shared/concurrently";
import type { Registered } from "./logic";

/** DescribeModelPackage is throttled at a few requests a second. */
const READERS = 2;

/** The versions of a model package group, from the newest. */
export async function registeredVersions(client: SageMakerClient, group: string): Promise<Registered[]> {
  const arns: string[] = [];
  const listing = { ModelPackageGroupName: group, SortBy: "CreationTime", SortOrder: "Descending" } as const;
  for await (const { ModelPackageSummaryList = [] } of paginateListModelPackages({ client }, listing)) {
    arns.push(...ModelPackageSummaryList.map(({ ModelPackageArn = "" }) => ModelPackageArn));
  }
  const versions = await concurrently(arns, READERS, async (arn) => {
    const { CustomerMetadataProperties } = await client.send(
      new DescribeModelPackageCommand({ ModelPackageName: arn }),
    );
    return { arn, version: CustomerMetadataProperties?.modelVersion ?? "" };
  });
  // A package that somebody else put into the group is not ours to retire.
  return versions.filter(({ version }) => version !== "");
}

/** Removes a version's endpoint configuration and model, and then itself; what is gone already is fine. */
export async function retire(client: SageMakerClient, name: string, arn: string): Promise<void> {
  await ifThere(client.send(new DeleteEndpointConfigCommand({ EndpointConfigName: name })));
  await ifThere(client.send(new DeleteModelCommand({ ModelName: name })));
  await ifThere(client.send(new DeleteModelPackageCommand({ ModelPackageName: arn })));
}

/** SageMaker has no error of its own for what does not exist. */
async function ifThere(deletion: Promise<unknown>): Promise<void> {
  try {
    await deletion;
  } catch (error) {
    if (!/could not find|does not exist/i.test((error as Error).message)) throw error;
  }
}
