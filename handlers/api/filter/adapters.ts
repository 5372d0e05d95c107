import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import type { PredictReply, PreprocessReply } from "../../../contracts/request-path";
import { CallFailure, toFailure } from "../../lib/util/failure";

/** Invokes a function and waits for its reply; every way to fail is a `CallFailure`. */
async function invoke(client: LambdaClient, functionArn: string, payload: string, signal: AbortSignal) {
  const command = new InvokeCommand({ FunctionName: functionArn, Payload: Buffer.from(payload) });
  const { FunctionError, Payload } = await client.send(command, { abortSignal: signal }).catch((error: unknown) => {
    throw toFailure(error);
  });
  // The payload of a failed function holds its message, which may quote a record: the function's own log has it.
  if (FunctionError !== undefined) throw new CallFailure("unavailable", `the function failed: ${FunctionError}`);
  const reply: unknown = Payload === undefined ? undefined : JSON.parse(Buffer.from(Payload).toString());
  if (typeof reply !== "object" || reply === null) throw new CallFailure("unavailable", "the function replied nothing");
  return reply;
}

/** The lists that a reply must have; what is in them is our own functions' word. */
function withLists<T>(reply: object, ...names: readonly (keyof T & string)[]): T {
  const missing = names.filter((name) => !(name in reply && Array.isArray(reply[name as keyof typeof reply])));
  if (missing.length > 0) throw new CallFailure("unavailable", `the function's reply lacks ${missing.join(", ")}`);
  return reply as T;
}

export function createInvoker(
  client: LambdaClient,
  functions: { readonly preprocess: ReadonlyMap<string, string>; readonly predict: string },
) {
  return {
    preprocess: async (dataset: string, payload: string, signal: AbortSignal) => {
      const functionArn = functions.preprocess.get(dataset);
      if (functionArn === undefined) throw new CallFailure("refused", `no preprocess function for ${dataset}`);
      return withLists<PreprocessReply>(await invoke(client, functionArn, payload, signal), "rows", "errors");
    },
    predict: async (payload: string, signal: AbortSignal) =>
      withLists<PredictReply>(await invoke(client, functions.predict, payload, signal), "predictions", "errors"),
  };
}
