import { readFileSync } from "node:fs";
import { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { PlayerKey } from "../../catalogue/interventions/evidence";
import { chosenRules } from "../../config/schema/operators";
import type { Group } from "../../contracts/people";
import type { PredictReply } from "../../contracts/request-path";
import { operatorRules } from "../../handlers/lib/interventions/rules";
import { createPlayerStore } from "../../handlers/lib/interventions/store";
import { Naming } from "../../modules/base/naming";
import { addMember, findPool, tokenOf } from "../../scripts/lib/people";
import { apiAccess, emulatorSettings, type System, systemOutputs } from "../../scripts/lib/system";
import { expectProblem, testSystem } from "./setup/system";

type Call = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<{ readonly status: number; readonly headers: Headers; readonly body: never }>;

const PLAYER: PlayerKey = { operatorId: "operator-a", playerId: "e2e:severe" };
/** Long enough for the list of changes to tell of it. */
const LONG_AGO = Date.now() - 120_000;
let system: System;
let client: Call;
let member: (name: string, operator: string, group: Group) => Promise<Call>;

beforeAll(async () => {
  system = await testSystem();
  const { emulator, config } = system;
  const settings = emulatorSettings(emulator, config);
  const naming = new Naming(config);
  const url = `${emulator.url}/_aws/execute-api/${systemOutputs(system).api?.["rest-api-id"]}/${config.api.stage}`;
  const caller =
    (identity: Readonly<Record<string, string>>): Call =>
    async (method, path, body, headers = {}) => {
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      const type = { "content-type": "application/json" };
      const response = await fetch(`${url}/${path}`, {
        method,
        headers: { ...type, ...identity, ...headers },
        ...sent,
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: (text && JSON.parse(text)) as never };
    };
  client = caller({ "x-api-key": (await apiAccess(system, "sample-wallet")).key });
  const pool = await findPool(new CognitoIdentityProviderClient(settings), naming.of("userPool", "labellers"));
  member = async (name, operator, group) =>
    caller({ authorization: await tokenOf(pool, name, await addMember(pool, name, operator, group)) });
  const store = createPlayerStore({
    client: new DynamoDBClient(settings),
    table: naming.of("table", "players"),
    rulesOf: operatorRules(new Map(Object.entries(chosenRules(config.operators)))),
    now: () => LONG_AGO,
  });
  const at = new Date(LONG_AGO).toISOString();
  const assessment = {
    kind: "assessment",
    id: "e2e".padEnd(32, "0"),
    at,
    risk: "severe",
    knows: 2,
    version: "",
  } as const;
  await store.apply(PLAYER, [{ ...assessment, predictions: [], reasons: ["night-play"] }]);
});

const restrictionsOf = ({ operatorId, playerId }: PlayerKey) =>
  `players/${encodeURIComponent(playerId)}/restrictions?operator=${operatorId}`;

describe("a client", () => {
  test("asks what holds, and is told once", async () => {
    const { status, headers, body } = await client("GET", restrictionsOf(PLAYER));
    expect([status, body]).toEqual([200, expect.objectContaining({ ...PLAYER, level: expect.any(Number) })]);
    expect((body as { level: number }).level).toBeGreaterThan(0);
    const etag = headers.get("etag") as string;
    const again = await client("GET", restrictionsOf(PLAYER), undefined, { "if-none-match": etag });
    expect([again.status, again.body, again.headers.get("etag")]).toEqual([304, "", etag]);
  });

  test("knows nobody of other operators, and is told of none that there is", async () => {
    const other = { operatorId: "operator-b", playerId: PLAYER.playerId };
    expect((await client("GET", restrictionsOf(other))).body).toEqual({ ...other, level: 0, restrictions: {} });
    const none = { operatorId: "operator-z", playerId: PLAYER.playerId };
    expectProblem(await client("GET", restrictionsOf(none)), { status: 403, type: "not-your-operator" });
    const without = await client("GET", restrictionsOf(PLAYER), undefined, { "x-api-key": "" });
    expectProblem(without, { status: 403, type: "invalid-api-key" });
    expectProblem(await client("GET", "players/a%2520b/restrictions"), { status: 400, type: "bad-request" });
  });

  test("passes on what a player declares, which holds at once, and lists who changed a while ago", async () => {
    const path = "players/e2e-excluded/declaration?operator=operator-a";
    const declared = { selfExclusion: { until: null }, marketingConsent: false };
    const { status, body } = await client("PUT", path, declared);
    expect([status, (body as { restrictions: object }).restrictions]).toMatchObject([200, { selfExclusion: true }]);
    expect((await client("PUT", path, declared)).body).toEqual(body);
    expectProblem(await client("PUT", path, { selfExclusion: 1 }), { status: 400, type: "bad-request" });
    const [line = ""] = readFileSync("catalogue/datasets/gambling-behaviour/sample.jsonl", "utf8").split("\n");
    const record = { ...JSON.parse(line), operatorId: "operator-a", playerId: "e2e-excluded" };
    const { predictions } = (await client("POST", "predictions", { records: [record] })).body as PredictReply;
    const [marketing] = predictions.filter(({ model }) => model.endsWith("marketing"));
    expect(["self-excluded", "risk-high-or-above"]).toContain(marketing?.suppressed?.reason);
    expect(marketing).not.toHaveProperty("score");
    const since = new Date(LONG_AGO).toISOString();
    const list = `players?operator=operator-a&limit=100&changedSince=${since}`;
    const { players, changedUntil } = (await client("GET", list)).body as {
      players: readonly PlayerKey[];
      changedUntil: string;
    };
    const ids = players.map(({ playerId }) => playerId);
    // An older change may still come before what is new.
    expect([ids.includes(PLAYER.playerId), ids.includes("e2e-excluded")]).toEqual([true, false]);
    expect(Date.parse(changedUntil)).toBeLessThan(Date.now());
  });
});

test("a player contests, and a reviewer of the operator decides; nobody else may", async () => {
  const path = `players/${PLAYER.playerId}/contest?operator=operator-a`;
  const { body: contested } = await client("POST", path, { text: "I won this month" });
  const { review } = contested as { review: { id: string } };
  const [reviewer, others, labeller] = await Promise.all([
    member("e2e-rosa", "operator-a", "reviewers"),
    member("e2e-otto", "operator-b", "reviewers"),
    member("e2e-lena", "operator-a", "labellers"),
  ]);
  const decision = { decision: "confirm", reason: "seen-with-documents" };

  expectProblem(await others("GET", `reviews/${review.id}`), { status: 404, type: "no-such-review" });
  expectProblem(await others("PUT", `reviews/${review.id}`, decision), { status: 404, type: "no-such-review" });
  expectProblem(await labeller("GET", "reviews"), { status: 403, type: "not-a-reviewer" });
  expectProblem(await client("GET", "reviews"), { status: 401, type: "unauthorized" });

  const listed = (await reviewer("GET", "reviews?limit=100")).body as { reviews: readonly { id: string }[] };
  expect(listed.reviews).toContainEqual(expect.objectContaining({ id: review.id, contested: true, overdue: false }));
  const seen = (await reviewer("GET", `reviews/${review.id}`)).body as { history: readonly object[] };
  expect(seen).toMatchObject({ contest: "I won this month", player: { riskGroup: "severe", reasons: ["night-play"] } });
  expect(seen.history).toContainEqual(expect.objectContaining({ event: "InterventionDecided", ...PLAYER }));
  expect((await reviewer("PUT", `reviews/${review.id}`, decision)).body).toMatchObject({ status: "decided" });
  expectProblem(await reviewer("PUT", `reviews/${review.id}`, decision), { status: 409, type: "already-decided" });
  const after = (await reviewer("GET", "reviews?limit=100")).body as { reviews: readonly { id: string }[] };
  expect(after.reviews.map(({ id }) => id)).not.toContain(review.id);
});
