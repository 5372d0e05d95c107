import { CallFailure, toFailure, within } from "../../../../../handlers/lib/util/failure";

const error = (fields: object) => Object.assign(new Error("secret of player-1"), fields);

test.each([
  ["abort", { name: "AbortError" }, "timeout"],
  ["SDK time-out", { name: "TimeoutError" }, "timeout"],
  ["Lambda throttle", { name: "TooManyRequestsException", $metadata: { httpStatusCode: 429 } }, "throttled"],
  ["SSM throttle", { name: "ThrottlingException", $metadata: { httpStatusCode: 400 } }, "throttled"],
  ...[
    ...["RequestThrottled", "KmsThrottled", "KMS.ThrottlingException", "OverLimit"],
    ...["ProvisionedThroughputExceededException", "TransactionConflictException", "TransactionInProgressException"],
  ].map((name): [string, object, string] => [name, { name, $metadata: { httpStatusCode: 400 } }, "throttled"]),
  [
    "transaction cancelled by a throttle and a conflict",
    {
      ...{ name: "TransactionCanceledException", $metadata: { httpStatusCode: 400 } },
      CancellationReasons: [{ Code: "None" }, { Code: "ThrottlingError" }, { Code: "TransactionConflict" }],
    },
    "throttled",
  ],
  [
    "transaction cancelled by a condition",
    {
      ...{ name: "TransactionCanceledException", $metadata: { httpStatusCode: 400 } },
      CancellationReasons: [{ Code: "ThrottlingError" }, { Code: "ConditionalCheckFailed" }],
    },
    "refused",
  ],
  ["SDK's own mark", { name: "X", $metadata: { httpStatusCode: 400 }, $retryable: { throttling: true } }, "throttled"],
  ["endpoint being made", { name: "ModelNotReadyException", $metadata: { httpStatusCode: 429 } }, "throttled"],
  ["service down", { name: "ServiceUnavailable", $metadata: { httpStatusCode: 503 } }, "unavailable"],
  [
    "container down",
    { name: "ModelError", OriginalStatusCode: 500, $metadata: { httpStatusCode: 424 } },
    "unavailable",
  ],
  ["container mute", { name: "ModelError", OriginalStatusCode: 0, $metadata: { httpStatusCode: 424 } }, "unavailable"],
  ["container busy", { name: "ModelError", OriginalStatusCode: 429, $metadata: { httpStatusCode: 424 } }, "throttled"],
  ["container refuses", { name: "ModelError", OriginalStatusCode: 400, $metadata: { httpStatusCode: 424 } }, "refused"],
  ["no endpoint", { name: "ValidationError", $metadata: { httpStatusCode: 400 } }, "refused"],
  ["connection", { code: "ECONNRESET" }, "unavailable"],
  ["connection, as the SDK names it", { name: "TimeoutError", code: "ECONNRESET" }, "unavailable"],
  ["SDK time-out with its code", { name: "TimeoutError", code: "ETIMEDOUT" }, "timeout"],
  ["bug", { name: "TypeError" }, "refused"],
])("%s", (_, fields, kind) => {
  const failure = toFailure(error(fields));
  expect(failure).toMatchObject({ kind, retryable: kind !== "refused" });
  expect(failure.message).not.toContain("secret");
});

test.each([[undefined], [null], ["text"], [7]])("%p thrown is a refusal", (thrown) => {
  expect(toFailure(thrown)).toMatchObject({ kind: "refused" });
});

test("a failure stays itself", () => {
  const failure = new CallFailure("throttled", "x");
  expect(toFailure(failure)).toBe(failure);
});

test("within gives up at the signal, although the promise never settles", async () => {
  const controller = new AbortController();
  const answer = within(controller.signal, new Promise(() => {}));
  controller.abort();
  await expect(answer).rejects.toMatchObject({ kind: "timeout" });
  await expect(within(controller.signal, new Promise(() => {}))).rejects.toMatchObject({ kind: "timeout" });
});

test("within passes on what the promise says", async () => {
  const { signal } = new AbortController();
  await expect(within(signal, Promise.resolve(4))).resolves.toBe(4);
  await expect(within(signal, Promise.reject(new Error("no")))).rejects.toThrow("no");
});
