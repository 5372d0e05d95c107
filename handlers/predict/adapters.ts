import { GetParameterCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { toFailure } from "../shared/failure";

export function parameterReader(client: SSMClient) {
  return async (name: string, signal: AbortSignal): Promise<string> => {
    const command = new GetParameterCommand({ Name: name });
    const { Parameter } = await client.send(command, { abortSignal: signal }).catch((error: unknown) => {
      throw toFailure(error);
    });
    return Parameter?.Value ?? "";
  };
}
