import {
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DeleteModelPackageCommand,
  DescribeModelPackageCommand,
  paginateListEndpointConfigs,
  type SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { VERSION_PROPERTY } from "../../../contracts/model-registry";
import { RUN_ID } from "../../../contracts/run-layout";
import { modelPackages } from "../../lib/aws/model-packages";
import { concurrently } from "../../lib/util/concurrently";
import type { Registered } from "./logic";

/** A model's versions and endpoint configurations in SageMaker. What is gone already is no error. */
export interface VersionRegistry {
  /** Lists the versions of a model package group, from the newest. */
  readonly versions: (group: string) => Promise<readonly Registered[]>;
  /** Lists the endpoint configurations that runs of the model with this prefix have made. */
  readonly configurations: (prefix: string) => Promise<readonly string[]>;
  readonly removeConfigurations: (names: readonly string[]) => Promise<void>;
  /** Removes a version's SageMaker model, and then its model package. */
  readonly retire: (modelName: string, packageArn: string) => Promise<void>;
}

export const versionRegistry = (client: SageMakerClient): VersionRegistry => ({
  versions: (group) => registeredVersions(client, group),
  configurations: (prefix) => configurationsOf(client, prefix),
  removeConfigurations: (names) => removeConfigurations(client, names),
  retire: (modelName, packageArn) => retire(client, modelName, packageArn),
});

/** DescribeModelPackage is throttled at a few requests a second. */
const READERS = 2;

async function registeredVersions(client: SageMakerClient, group: string): Promise<Registered[]> {
  const arns: string[] = [];
  for await (const { ModelPackageArn = "" } of modelPackages(client, group)) arns.push(ModelPackageArn);
  const versions = await concurrently(arns, READERS, async (arn) => {
    const { CustomerMetadataProperties } = await client.send(
      new DescribeModelPackageCommand({ ModelPackageName: arn }),
    );
    return { arn, version: CustomerMetadataProperties?.[VERSION_PROPERTY] ?? "" };
  });
  // A package that somebody else put into the group is not ours to retire.
  return versions.filter(({ version }) => version !== "");
}

/** The end of the name of an endpoint configuration that a run made; Terraform's initial one ends otherwise. */
const RUN = new RegExp(`^-${RUN_ID}$`);

async function configurationsOf(client: SageMakerClient, prefix: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { EndpointConfigs = [] } of paginateListEndpointConfigs({ client }, { NameContains: prefix })) {
    names.push(...EndpointConfigs.map(({ EndpointConfigName = "" }) => EndpointConfigName));
  }
  return names.filter((name) => name.startsWith(prefix) && RUN.test(name.slice(prefix.length)));
}

async function removeConfigurations(client: SageMakerClient, names: readonly string[]): Promise<void> {
  for (const name of names) await ifThere(client.send(new DeleteEndpointConfigCommand({ EndpointConfigName: name })));
}

async function retire(client: SageMakerClient, name: string, arn: string): Promise<void> {
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
