import { GetParameterCommand, type SSMClient } from "@aws-sdk/client-ssm";

/** Reads the text of an SSM parameter, decrypted if it is secret; empty when it has none. Errors are those of the AWS client. */
export type ReadParameter = (name: string, signal?: AbortSignal) => Promise<string>;

export const parameterReader =
  (client: SSMClient): ReadParameter =>
  async (name, signal) => {
    const command = new GetParameterCommand({ Name: name, WithDecryption: true });
    const { Parameter } = await client.send(command, { ...(signal && { abortSignal: signal }) });
    return Parameter?.Value ?? "";
  };
