import { APIGatewayClient } from "@aws-sdk/client-api-gateway";
import { ECRClient } from "@aws-sdk/client-ecr";
import { IAMClient } from "@aws-sdk/client-iam";
import { KMSClient } from "@aws-sdk/client-kms";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";
import type { emulatorSettings } from "../system";
import type { Surroundings } from "./check";

/** Makes the clients of all checks, for a region of AWS or for an emulator. */
export const clientsOf = (
  settings: { readonly region: string } | ReturnType<typeof emulatorSettings>,
  emulated: boolean,
): Omit<Surroundings, "config" | "planned"> => ({
  sts: new STSClient(settings),
  s3: new S3Client({ ...settings, forcePathStyle: emulated }),
  iam: new IAMClient(settings),
  kms: new KMSClient(settings),
  quotas: new ServiceQuotasClient(settings),
  ecr: new ECRClient(settings),
  apiGateway: new APIGatewayClient(settings),
  sagemaker: new SageMakerClient(settings),
  lambda: new LambdaClient(settings),
  ssm: new SSMClient(settings),
});
