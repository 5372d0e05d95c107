import { connect, type Socket } from "node:net";
import type { Prediction, RecordError } from "../../contracts/request-path";
import { callApi } from "../../scripts/lib/predictions";
import { sampleBatch } from "../../scripts/lib/sample-data";
import type { System } from "../../scripts/lib/system";
import { eventually, expectProblem, servingProcess, testSystem, type Wallet, wallet } from "./setup/system";

let system: System;
let client: Wallet;
beforeAll(async () => {
  system = await testSystem();
  client = await wallet(system);
});

const batch = sampleBatch() as Record<string, unknown>[];
const record = batch.find(({ dataset }) => dataset === "before-initial-deposit") as Record<string, unknown>;
const behaviour = batch.find(({ dataset }) => dataset === "gambling-behaviour") as Record<string, unknown>;

describe("bodies that are no batch", () => {
  test.each([
    ["no JSON", "{records:"],
    ["no records", {}],
    ["records that are no list", { records: record }],
    ["0 records", { records: [] }],
    ["a list", [record]],
  ])("%s is 400", async (_, body) => {
    expectProblem(await client.send(body), { status: 400, type: "not-a-batch" });
  });

  test("NaN in one record is 400 and says where", async () => {
    const body = JSON.stringify({ records: [record, { ...record, age: 20.5 }] }).replace('"age":20.5', '"age":NaN');
    const { errors } = expectProblem(await client.send(body), { status: 400, type: "not-a-batch" });
    const message = expect.stringMatching(/^line 1, column \d+: NaN is no JSON; leave the field out$/);
    expect(errors).toEqual([{ pointer: "/records/1/age", message }]);
  });

  test("too many records are 413", async () => {
    const { detail } = expectProblem(await client.send({ records: Array(101).fill(record) }), {
      status: 413,
      type: "too-large",
    });
    expect(detail).toContain("at most 100");
  });

  test("too many bytes are 413", async () => {
    const answer = await client.send({ records: [{ ...record, padding: "x".repeat(5_100_000) }] });
    expectProblem(answer, { status: 413, type: "too-large" });
  });

  test("a compressed body is 415 and names the encoding", async () => {
    const response = await fetch(client.access.url, {
      method: "POST",
      headers: { "content-type": "application/json;", "content-encoding": "gzip", "x-api-key": client.access.key },
      body: JSON.stringify({ records: [record] }),
    });
    const { detail } = expectProblem(
      { status: response.status, headers: response.headers, body: await response.json() },
      { status: 415, type: "unsupported-media-type" },
    );
    expect(detail).toContain("content-encoding");
  });

  test("another content type is 415", async () => {
    const response = await fetch(client.access.url, {
      method: "POST",
      headers: { "content-type": "text/plain", "x-api-key": client.access.key },
      body: JSON.stringify({ records: [record] }),
    });
    expectProblem(
      { status: response.status, headers: response.headers, body: await response.json() },
      { status: 415, type: "unsupported-media-type" },
    );
  });
});

describe("records that cannot be used", () => {
  test.each([
    ["unknown dataset", { ...record, dataset: "horoscopes" }, "/records/0/dataset"],
    ["missing dataset", { ...record, dataset: undefined }, "/records/0/dataset"],
    ["wrong type", { ...record, playerId: 7 }, "/records/0/playerId"],
    ["impossible value", { ...record, age: 12 }, "/records/0/age"],
    ["missing field", { ...record, operatorId: undefined }, "/records/0/operatorId"],
    ["unknown field", { ...record, shoeSize: 44 }, "/records/0/shoeSize"],
    ["an e-mail address as pseudonym", { ...record, playerId: "someone@example.org" }, "/records/0/playerId"],
    // Later days would make a player at high risk look calm.
    ["a time to come", { ...(batch.at(-1) as object), asOf: "2099-12-12T00:00:00Z" }, "/records/0/asOf"],
    ["amounts in another currency", { ...record, currency: "NOK" }, "/records/0/currency"],
    ["null for what is unknown", { ...record, age: null }, "/records/0/age"],
    ["no object", "record", "/records/0"],
  ])("%s is 422 and points at it", async (_, bad, pointer) => {
    const { errors } = expectProblem(await client.send({ records: [bad] }), { status: 422, type: "no-valid-record" });
    expect(errors.map((error) => error.pointer)).toContain(pointer);
    expect(JSON.stringify(errors)).not.toMatch(/someone|horoscopes/);
  });

  test("no good record of a batch is lost because of bad ones", async () => {
    const records = [record, { ...record, age: -1 }, behaviour, { dataset: "unknown" }, null, record];
    const { status, body } = await client.send({ records });
    expect(status).toBe(200);
    const { predictions, errors } = body as { predictions: Prediction[]; errors: RecordError[] };
    expect([...new Set(predictions.map(({ index }) => index))]).toEqual([0, 2, 5]);
    expect([...new Set(errors.map(({ index }) => index))]).toEqual([1, 3, 4]);
  });
});

describe("requests that hurt others", () => {
  test("records of millions of values are 422, and cost another client nothing", async () => {
    const zeros = JSON.stringify({ records: [{ ...behaviour, days: "@" }] }).replace('"@"', `[${"0,".repeat(2.4e6)}0]`);
    const answers = await Promise.all([client.send(zeros), client.send(zeros), client.send({ records: [behaviour] })]);
    for (const answer of answers.slice(0, 2)) {
      const { errors } = expectProblem(answer, { status: 422, type: "no-valid-record" });
      expect(errors).toEqual([{ pointer: "/records/0", message: expect.stringContaining("for one record") }]);
    }
    expect(answers[2]?.status).toBe(200);
  });

  test("of many clients at once each has an answer, if only when to come again", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.send({ records: [record] })));
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      expectProblem(answer, { status: 503, type: "unavailable" });
    }
    expect(answers.some(({ status }) => status === 200)).toBe(true);
  });

  test("a length that no body has is 413 at once", async () => {
    const { hostname, port, pathname } = new URL(client.access.url);
    const answer = await new Promise<string>((done, failed) => {
      let text = "";
      const head = `POST ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Length: ${"9".repeat(20)}\r\n\r\n`;
      connect({ host: hostname, port: Number(port) }, function (this: Socket) {
        this.setEncoding("utf8").on("data", (data) => {
          text += data;
        });
        this.on("end", () => done(text)).on("error", failed);
        this.write(head);
      });
    });
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toMatch(/content-type: application\/problem\+json/i);
    expect(answer).toContain('"type":"urn:vwt:problem:too-large"');
  });
});

describe("keys and quotas", () => {
  test("a missing and an unknown key are 403", async () => {
    for (const key of ["", "no-such-key-0123456789"]) {
      expectProblem(await callApi({ ...client.access, key }, { records: [record] }), {
        status: 403,
        type: "invalid-api-key",
      });
    }
  });

  test("a client asks for its own operators' players, and an exhausted quota is 429 with Retry-After, for that client only", async () => {
    const trial = await wallet(system, "sample-trial");
    const own = { ...record, operatorId: "operator-a" };
    const foreign = { ...record, operatorId: "operator-b" };
    expect((await trial.send({ records: [own] })).status).toBe(200);
    // It acts for one of the operators only; a refused request counts all the same.
    expectProblem(await trial.send({ records: [foreign] }), { status: 403, type: "not-your-operator" });
    const { body } = await trial.send({ records: [foreign, own] });
    const { predictions, errors } = body as { predictions: Prediction[]; errors: RecordError[] };
    expect([predictions.map(({ index }) => index), errors]).toEqual([[1], [expect.objectContaining({ status: 403 })]]);
    expectProblem(await trial.send({ records: [own] }), { status: 429, type: "quota-exhausted" });
    expect((await client.send({ records: [record] })).status).toBe(200);
  });
});

describe("an endpoint that does not answer", () => {
  const PRE_DEPOSIT = "before-initial-deposit-problem-gambling";
  const BEHAVIOUR = "gambling-behaviour-problem-gambling";

  test("a hanging endpoint is 503 within the budget, and the other dataset's records are answered", async () => {
    const { pid } = await servingProcess(system, PRE_DEPOSIT);
    process.kill(pid, "SIGSTOP");
    try {
      const started = Date.now();
      const { errors } = expectProblem(await client.send({ records: [record] }), { status: 503, type: "unavailable" });
      expect(errors[0]?.pointer).toBe("/records/0");
      // When the gateway itself gives up. What the budget is, unit tests say without a clock.
      expect(Date.now() - started).toBeLessThan(29_000);

      const { status, body } = await client.send({ records: [record, behaviour] });
      expect(status).toBe(200);
      const mixed = body as { predictions: Prediction[]; errors: (RecordError & { retryable: boolean })[] };
      expect(mixed.predictions.map(({ index }) => index)).toEqual([1, 1]);
      expect(mixed.errors).toEqual([expect.objectContaining({ index: 0, retryable: true })]);
    } finally {
      process.kill(pid, "SIGCONT");
    }
    await eventually(async () => (await client.send({ records: [record] })).status === 200);
  });

  test("without the risk model's answer there is no marketing prediction", async () => {
    const { pid } = await servingProcess(system, BEHAVIOUR);
    process.kill(pid, "SIGSTOP");
    try {
      const { body } = await client.send({ records: [behaviour] });
      const { predictions, errors } = body as { predictions: Prediction[]; errors: { model: string }[] };
      expect(errors.map(({ model }) => model)).toEqual([BEHAVIOUR]);
      expect(predictions).toEqual([expect.objectContaining({ suppressed: { reason: "risk-unknown" } })]);
      expect(predictions[0]).not.toHaveProperty("score");
    } finally {
      process.kill(pid, "SIGCONT");
    }
  });

  test("an endpoint that dies is 503 until it is back", async () => {
    const before = await servingProcess(system, PRE_DEPOSIT);
    process.kill(before.pid, "SIGKILL");
    const answer = await client.send({ records: [record] });
    // The replacement may be quicker than the request.
    if (answer.status !== 200) expectProblem(answer, { status: 503, type: "unavailable" });
    await eventually(async () => {
      const after = await servingProcess(system, PRE_DEPOSIT).catch(() => undefined);
      return after && after.pid !== before.pid && (await client.send({ records: [record] })).status === 200;
    });
  });
});
