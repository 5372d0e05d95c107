import { InvokeEndpointCommand, type SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { GetParameterCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { toFailure } from "../shared/failure";

const rethrow = (error: unknown): never => {
  throw toFailure(error);
};

export function endpointInvoker(client: SageMakerRuntimeClient) {
  return async (endpoint: string, body: string, signal: AbortSignal): Promise<string> => {
    const command = new InvokeEndpointCommand({
      EndpointName: endpoint,
      ContentType: "text/csv",
      Accept: "text/csv",
      Body: Buffer.from(body),
    });
    const { Body } = await client.send(command, { abortSignal: signal }).catch(rethrow);
    return Buffer.from(Body ?? []).toString();
  };
}

export function parameterReader(client: SSMClient) {
  return async (name: string, signal: AbortSignal): Promise<string> => {
    const command = new GetParameterCommand({ Name: name });
    const { Parameter } = await client.send(command, { abortSignal: signal }).catch(rethrow);
    return Parameter?.Value ?? "";
  };
}
