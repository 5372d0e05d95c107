import type { APIGatewayClient } from "@aws-sdk/client-api-gateway";
import type { ECRClient } from "@aws-sdk/client-ecr";
import type { IAMClient } from "@aws-sdk/client-iam";
import type { KMSClient } from "@aws-sdk/client-kms";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SageMakerClient } from "@aws-sdk/client-sagemaker";
import type { ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import type { SSMClient } from "@aws-sdk/client-ssm";
import type { STSClient } from "@aws-sdk/client-sts";
import type { Config } from "../../../config";
import type { Planned } from "./planned";

/** Everything that checks look at. They use every client to read only. */
export interface Surroundings {
  readonly config: Config;
  /** Resources that the environment's Terraform would make. */
  readonly planned: Planned;
  readonly sts: STSClient;
  readonly s3: S3Client;
  readonly iam: IAMClient;
  readonly kms: KMSClient;
  readonly quotas: ServiceQuotasClient;
  readonly ecr: ECRClient;
  readonly apiGateway: APIGatewayClient;
  readonly sagemaker: SageMakerClient;
  readonly lambda: LambdaClient;
  readonly ssm: SSMClient;
}

export interface Finding {
  readonly level: "ok" | "warning" | "failed" | "skipped";
  readonly says: string;
  /** @default the check's own */
  readonly remedy?: string;
}

export interface Check {
  readonly name: string;
  /** Says what stops, or costs, when it is not so. */
  readonly why: string;
  readonly remedy: string;
  /** Action that the caller must be allowed, as IAM names it. */
  readonly needs: string;
  /** Names the service that the emulator does not have. */
  readonly emulatorLacks?: string;
  readonly look: (surroundings: Surroundings) => Promise<Finding>;
}

export type Examined = Finding & Pick<Check, "name" | "why" | "remedy">;

export const ok = (says: string): Finding => ({ level: "ok", says });
export const warning = (says: string, remedy?: string): Finding => ({
  level: "warning",
  says,
  ...(remedy && { remedy }),
});
export const failed = (says: string, remedy?: string): Finding => ({
  level: "failed",
  says,
  ...(remedy && { remedy }),
});
export const skipped = (says: string): Finding => ({ level: "skipped", says });

/** Reads the HTTP status of an AWS error; answers to HEAD have nothing else. */
export const statusOf = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;

const isDenied = (error: unknown): boolean =>
  /AccessDenied|UnauthorizedOperation|NotAuthorized/.test((error as Error).name) || statusOf(error) === 403;

/** Makes a handler of errors that answers `nothing` where a look-up found nothing, and throws all others again. */
export const orNothing =
  <T>(isMissing: (error: unknown) => boolean, nothing: T) =>
  (error: unknown): T => {
    if (isMissing(error)) return nothing;
    throw error;
  };

export const named =
  (...names: readonly string[]) =>
  (error: unknown): boolean =>
    names.includes((error as Error).name);

/** Carries out one check. What may not be looked at is a warning: it says nothing about what is there. */
export async function examine(check: Check, surroundings: Surroundings, emulated: boolean): Promise<Examined> {
  const { name, why, remedy, needs, emulatorLacks, look } = check;
  const about = (finding: Finding): Examined => ({ name, why, remedy, ...finding });
  if (emulated && emulatorLacks) return about(skipped(`the emulator has no ${emulatorLacks}`));
  try {
    return about(await look(surroundings));
  } catch (error) {
    if (isDenied(error)) {
      return about(warning("may not be looked at by these credentials", `allow ${needs}, or look by hand: ${remedy}`));
    }
    const { name: kind, message } = error as Error;
    return about(
      failed(`could not be looked at: ${kind}: ${message}`, "check the network and the region's status, then repeat"),
    );
  }
}
