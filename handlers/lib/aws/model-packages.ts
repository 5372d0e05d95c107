import { type ModelPackageSummary, paginateListModelPackages, type SageMakerClient } from "@aws-sdk/client-sagemaker";

/** Lists the packages of a model package group, the newest first. */
export async function* modelPackages(client: SageMakerClient, group: string): AsyncGenerator<ModelPackageSummary> {
  const listing = { ModelPackageGroupName: group, SortBy: "CreationTime", SortOrder: "Descending" } as const;
  for await (const { ModelPackageSummaryList = [] } of paginateListModelPackages({ client }, listing)) {
    yield* ModelPackageSummaryList;
  }
}
