import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { SFNClient } from "@aws-sdk/client-sfn";
import { readEnvironment } from "../../../contracts/environment";
import { clientOptions } from "../../lib/aws/clients";
import { executionResumer } from "../../lib/aws/execution";
import { createTelemetry } from "../../lib/util/telemetry";
import { heldTokens, pendingIn } from "./adapters";
import { createHandler } from "./handler";

const environment = readEnvironment("await-approval", process.env);
const options = clientOptions({ timeoutMs: 5_000, maxAttempts: 5 });

export const handler = createHandler({
  environment,
  telemetry: createTelemetry("await-approval", environment),
  ports: {
    ...heldTokens(new DynamoDBClient(options), environment.LOCK_TABLE),
    isPending: pendingIn(new SageMakerClient(options)),
    resume: executionResumer(new SFNClient(options)),
  },
});
