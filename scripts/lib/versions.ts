import { DescribeModelPackageCommand } from "@aws-sdk/client-sagemaker";
import { VERSION_PROPERTY } from "../../contracts/model-registry";
import { INITIAL_VERSION } from "../../contracts/serving-record";
import { modelPackages } from "../../handlers/lib/aws/model-packages";
import { UserError } from "./process";
import { table } from "./table";
import type { Target } from "./target";

/** A version of a model, as the model registry has it. */
export interface Version {
  readonly version: string;
  readonly arn: string;
  readonly approval: string;
  readonly description: string;
  /** Reason of its approval, rejection or withdrawal, where somebody gave one. */
  readonly decision: string;
  readonly metrics: Readonly<Record<string, string>>;
}

/** Lists the registered versions of a model, the newest first. */
export async function versionsOf(
  { sagemaker, naming }: Pick<Target, "sagemaker" | "naming">,
  model: string,
  most = 20,
): Promise<Version[]> {
  const versions: Version[] = [];
  for await (const { ModelPackageArn: arn = "", ModelApprovalStatus: approval = "" } of modelPackages(
    sagemaker,
    naming.of("sagemaker", model),
  )) {
    if (versions.length === most) return versions;
    const {
      CustomerMetadataProperties = {},
      ModelPackageDescription: description = "",
      ApprovalDescription: decision = "",
    } = await sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: arn }));
    const { [VERSION_PROPERTY]: version = "", ...metrics } = CustomerMetadataProperties;
    versions.push({ version, arn, approval, description, decision, metrics });
  }
  return versions;
}

/** Refuses a version of a model that the model registry does not have. */
export async function requireVersion(
  environment: Pick<Target, "sagemaker" | "naming">,
  model: string,
  version: string,
): Promise<void> {
  if (version === INITIAL_VERSION) return;
  const known = (await versionsOf(environment, model, Number.POSITIVE_INFINITY)).map((each) => each.version);
  if (known.includes(version)) return;
  throw new UserError(
    `${model} has no version ${version}, so nothing was changed. It has ${[...known, INITIAL_VERSION].join(", ")}. ` +
      "A version that was pruned cannot come back; retrain instead.",
  );
}

export const versionTable = (versions: readonly Version[], serving: string | undefined): string =>
  table(
    ["version", "approval", "serves", "AUROC", "Gini", "why"],
    versions.map(({ version, approval, description, decision, metrics }) => [
      version,
      approval,
      version === serving ? "yes" : "",
      metrics["auroc.value"],
      metrics["gini.value"],
      (decision || description).slice(0, 80),
    ]),
  );
