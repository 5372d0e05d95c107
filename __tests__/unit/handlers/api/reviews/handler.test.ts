import { ROUTES, type RoutesOf } from "../../../../../contracts/routes";
import { createHandler } from "../../../../../handlers/api/reviews/handler";
import type { RoutedEvent } from "../../../../../handlers/lib/http/api-gateway";
import { PlayerRefused } from "../../../../../handlers/lib/interventions/player-store";
import { fakeTelemetry } from "../../fakes";
import { knownPlayers } from "../known-players";

type RouteName = RoutesOf<"reviews">;

const NOW = "2026-11-26T12:00:00.000Z";
const NONE = "e".repeat(32);
const output = fakeTelemetry();
let known: ReturnType<typeof knownPlayers>;
/** Ids of an open review of operator-a, and of one of operator-b. */
let own: string;
let others: string;
beforeEach(async () => {
  known = knownPlayers();
  const idOf = async (operatorId: string, playerId: string) => {
    await known.assess(operatorId, playerId, "severe", "2026-11-25T11:00:00.000Z");
    return (await known.store.read({ operatorId, playerId }))?.review?.id as string;
  };
  own = await idOf("operator-a", "player-1");
  others = await idOf("operator-b", "player-2");
  known.clock.now = Date.parse(NOW);
});

const rosa = { sub: "rosa", "custom:operator_id": "operator-a", "cognito:groups": "reviewers" };

interface Request {
  readonly claims?: Readonly<Record<string, string>> | null;
  readonly id?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

async function ask(name: RouteName, { claims = rosa, id = own, query, body }: Request = {}) {
  const { method, path } = ROUTES[name];
  const event: RoutedEvent = {
    httpMethod: method,
    resource: `/${path}`,
    headers: {},
    body: body === undefined ? null : JSON.stringify(body),
    pathParameters: path.includes("{") ? { review: id } : null,
    queryStringParameters: query ?? null,
    requestContext: { requestId: "request-1", authorizer: claims && { claims } },
  };
  const handler = createHandler({ telemetry: output.telemetry, store: known.store, now: () => new Date(NOW) });
  const { statusCode, body: text } = await handler(event);
  return { status: statusCode, body: JSON.parse(text) };
}

const ALL = Object.keys(ROUTES).filter((name) => ROUTES[name as RouteName].by === "reviews") as RouteName[];
const confirm = { decision: "confirm", reason: "seen-with-documents" };
const BODIES: Readonly<Partial<Record<RouteName, unknown>>> = { decideReview: confirm };

describe("who may review", () => {
  test.each(ALL)("%s: somebody who is no reviewer may not", async (name) => {
    const before = known.writes();
    for (const claims of [
      null,
      { ...rosa, "cognito:groups": "labellers" },
      { ...rosa, "cognito:groups": "reviewers-of-old" },
      { ...rosa, "custom:operator_id": "" },
      { sub: "rosa", "cognito:groups": "reviewers" },
    ]) {
      const { status, body } = await ask(name, { claims, body: BODIES[name] });
      expect([status, body.type]).toEqual([403, "urn:vwt:problem:not-a-reviewer"]);
    }
    expect(known.writes()).toBe(before);
  });

  test.each(["showReview", "decideReview"] as const)(
    "%s: another operator's review is one that there is not, and one that cannot be",
    async (name) => {
      const before = known.writes();
      const body = BODIES[name];
      const answers = await Promise.all(
        [others, NONE, "", "..", "%2e", own.toUpperCase(), `${own}#`, "a".repeat(9_000)].map((id) =>
          ask(name, { id, body }),
        ),
      );
      for (const answer of answers) expect(answer).toEqual(answers[0]);
      expect([answers[0]?.status, answers[0]?.body.type]).toEqual([404, "urn:vwt:problem:no-such-review"]);
      expect(known.writes()).toBe(before);
    },
  );

  test("the list is of the reviewer's operator, and says what is overdue", async () => {
    const { body } = await ask("listReviews");
    expect(body.reviews).toEqual([expect.objectContaining({ id: own, playerId: "player-1", overdue: true })]);
    const others = await ask("listReviews", { claims: { ...rosa, "custom:operator_id": "operator-z" } });
    expect(others.body).toEqual({ reviews: [] });
  });
});

test("a review comes with what a person needs to decide it", async () => {
  await known.store.contest({ operatorId: "operator-a", playerId: "player-1" }, "I won this month");
  const { body } = await ask("showReview");
  expect(body).toMatchObject({
    ...{ id: own, level: 3, contest: "I won this month", overdue: true },
    player: { riskGroup: "severe", reasons: ["night-play"], models: [{ model: "problem", score: 0.9 }] },
  });
  expect(body.history).toContainEqual(expect.objectContaining({ event: "InterventionDecided", level: 3 }));
});

test("a severe restriction is lowered by two persons, who say the same; no log has why", async () => {
  const change = { decision: "change", level: 1, reason: "affordable", note: "payslips of three months" };
  const sent = { body: change };
  expect((await ask("decideReview", sent)).body).toMatchObject({ status: "awaits-second" });
  expect((await ask("decideReview", sent)).body.type).toBe("urn:vwt:problem:needs-another-person");
  const second = await ask("decideReview", { ...sent, claims: { ...rosa, sub: "otto" } });
  expect(second.body).toMatchObject({
    status: "decided",
    review: { status: "decided", overdue: false, decision: { by: "rosa", second: "otto", reason: "affordable" } },
  });
  expect((await known.store.read({ operatorId: "operator-a", playerId: "player-1" }))?.level).toBe(1);
  expect((await ask("decideReview", sent)).body.type).toBe("urn:vwt:problem:already-decided");
  expect(output.text()).not.toMatch(/payslips|rosa|player-1/);
});

test.each<[unknown, string]>([
  [{}, "/decision"],
  [{ decision: "confirm" }, "/reason"],
  [{ ...confirm, decision: "ignore" }, "/decision"],
  [{ ...confirm, reason: "" }, "/reason"],
  [{ ...confirm, reason: "I know him" }, "/reason"],
  [{ ...confirm, reason: "x".repeat(101) }, "/reason"],
  [{ ...confirm, level: 1 }, "/level"],
  [{ decision: "lift", level: 0, reason: "mistaken" }, "/level"],
  [{ decision: "change", reason: "affordable" }, "/level"],
  [{ decision: "change", level: -1, reason: "affordable" }, "/level"],
  [{ decision: "change", level: 1.5, reason: "affordable" }, "/level"],
  [{ ...confirm, note: "x".repeat(2_001) }, "/note"],
  [{ ...confirm, by: "somebody else" }, ""],
  [[], ""],
  [null, ""],
])("the decision %j is refused with where", async (body, pointer) => {
  const before = known.writes();
  const answer = await ask("decideReview", { body });
  expect([answer.status, answer.body.type]).toEqual([400, "urn:vwt:problem:bad-request"]);
  expect(answer.body.errors).toMatchObject([{ pointer }]);
  expect(known.writes()).toBe(before);
});

test.each([
  ["unknown-review", 404, "no-such-review"],
  ["already-decided", 409, "already-decided"],
  ["needs-another-person", 409, "needs-another-person"],
  ["wrong-level", 400, "bad-request"],
  ["contended", 503, "busy"],
] as const)("%s of the store is %i", async (reason, status, problem) => {
  jest.spyOn(known.store, "decideReview").mockRejectedValue(new PlayerRefused(reason));
  const answer = await ask("decideReview", { body: confirm });
  expect([answer.status, answer.body.type]).toEqual([status, `urn:vwt:problem:${problem}`]);
});

test.each([{ limit: "0" }, { limit: "1000" }, { after: "?" }, { operator: "operator-b" }])(
  "%j is refused in the list",
  async (query) => {
    expect((await ask("listReviews", { query })).status).toBe(400);
  },
);
