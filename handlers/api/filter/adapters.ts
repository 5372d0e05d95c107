import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { CallFailure, toFailure } from "../../lib/util/failure";

/** Invokes a function and waits for the text of its reply; every way to fail is a `CallFailure`. */
export type InvokeFunction = (functionArn: string, payload: string, signal: AbortSignal) => Promise<string>;

export const functionInvoker =
  (client: LambdaClient): InvokeFunction =>
  async (functionArn, payload, signal) => {
    const command = new InvokeCommand({ FunctionName: functionArn, Payload: Buffer.from(payload) });
    const { FunctionError, Payload } = await client.send(command, { abortSignal: signal }).catch((error: unknown) => {
      throw toFailure(error);
    });
    // The payload of a failed function holds its message, which may quote a record: the function's own log has it.
    if (FunctionError !== undefined) throw new CallFailure("unavailable", `the function failed: ${FunctionError}`);
    return Buffer.from(Payload ?? []).toString();
  };
