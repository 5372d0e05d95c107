import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { SSMClient } from "@aws-sdk/client-ssm";
import { clientOptions } from "../../../../../handlers/lib/aws/clients";
import { parameterReader } from "../../../../../handlers/lib/aws/parameter";
import { toFailure } from "../../../../../handlers/lib/util/failure";

// A real client against a real socket: mocks would not notice an option that the SDK ignores.
let server: Server;
let requests = 0;
let respond: (end: (status: number, body: string) => void) => void;

beforeAll(async () => {
  server = createServer((_, response) => {
    requests += 1;
    respond((status, body) => response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
beforeEach(() => {
  requests = 0;
});
afterAll(() => server.closeAllConnections());
afterAll(() => server.close());

function client(maxAttempts: number, timeoutMs = 600_000) {
  return new SSMClient({
    ...clientOptions({ timeoutMs, maxAttempts }),
    region: "eu-west-1",
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: "a", secretAccessKey: "s" },
  });
}

const never = new AbortController().signal;

/** Reads a parameter; errors are failures, as for those who call it. */
const read = (reader: SSMClient, signal = never): Promise<string> =>
  parameterReader(reader)("/p", signal).catch((error: unknown) => {
    throw toFailure(error);
  });

test("a server that does not answer is given up after the time-out, each attempt", async () => {
  respond = () => {};
  await expect(read(client(2, 1000))).rejects.toMatchObject({ kind: "timeout" });
  expect(requests).toBe(2);
});

test("the signal ends a call before its time-out", async () => {
  respond = () => {};
  await expect(read(client(1), AbortSignal.timeout(20))).rejects.toMatchObject({ kind: "timeout" });
});

test.each([
  [500, "InternalServerError", "unavailable"],
  [400, "ThrottlingException", "throttled"],
  [400, "ParameterNotFound", "refused"],
])("%d %s is %s", async (status, type, kind) => {
  respond = (end) => end(status, JSON.stringify({ __type: type, message: "m" }));
  await expect(read(client(1))).rejects.toMatchObject({ kind });
});

test("an answer is read", async () => {
  respond = (end) => end(200, JSON.stringify({ Parameter: { Value: "v" } }));
  expect(await read(client(1))).toBe("v");
});
