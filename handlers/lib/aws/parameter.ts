import { GetParameterCommand, type SSMClient } from "@aws-sdk/client-ssm";

/** A parameter's text. Errors are those of the AWS client. */
export async function parameterText(client: SSMClient, name: string, abortSignal?: AbortSignal): Promise<string> {
  const command = new GetParameterCommand({ Name: name });
  const { Parameter } = await client.send(command, { ...(abortSignal && { abortSignal }) });
  return Parameter?.Value ?? "";
}
