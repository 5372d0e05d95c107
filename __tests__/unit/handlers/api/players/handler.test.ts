import { ROUTES, type RoutesOf } from "../../../../../contracts/routes";
import { createHandler } from "../../../../../handlers/api/players/handler";
import type { RoutedEvent } from "../../../../../handlers/lib/http/api-gateway";
import { PlayerRefused } from "../../../../../handlers/lib/interventions/player-store";
import { fakeTelemetry } from "../../fakes";
import { knownPlayers } from "../known-players";

type RouteName = RoutesOf<"players">;

const NOW = "2026-11-26T12:00:00.000Z";
const output = fakeTelemetry();
let known: ReturnType<typeof knownPlayers>;
let now: Date;

/** Two players of two operators, an hour and half of one ago. */
async function begin(others: boolean): Promise<void> {
  known = knownPlayers();
  now = new Date(NOW);
  if (others) await known.assess("operator-a", "player-1", "severe", "2026-11-26T11:00:00.000Z");
  await known.assess("operator-b", "player-2", "high", "2026-11-26T11:30:00.000Z");
  known.clock.now = Date.parse(NOW);
}
beforeEach(() => begin(true));

const clients = new Map([
  ["key-a", ["operator-a"]],
  ["key-b", ["operator-b"]],
  ["key-both", ["operator-a", "operator-b"]],
]);

interface Request {
  readonly key?: string | null;
  readonly player?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

function event(
  name: RouteName,
  { key = "key-a", player = "player-1", query, body, headers = {} }: Request = {},
): RoutedEvent {
  const { method, path } = ROUTES[name];
  return {
    httpMethod: method,
    resource: `/${path}`,
    headers,
    body: body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body),
    pathParameters: path.includes("{") ? { playerId: player } : null,
    queryStringParameters: query ?? null,
    requestContext: { requestId: "request-1", identity: { apiKeyId: key } },
  };
}

async function ask(name: RouteName, request?: Request) {
  const handler = createHandler({ telemetry: output.telemetry, store: known.store, clients, now: () => now });
  const { statusCode, headers, body } = await handler(event(name, request));
  return { status: statusCode, headers, body: body === "" ? undefined : JSON.parse(body) };
}

const ALL = Object.keys(ROUTES).filter((name) => ROUTES[name as RouteName].by === "players") as RouteName[];
/** What makes a right request of each route. */
const BODIES: Readonly<Partial<Record<RouteName, unknown>>> = { declare: { marketingConsent: false } };

describe("who may ask", () => {
  test.each(ALL)(
    "%s: another operator's player is one that there is not, to whom does not act for it",
    async (name) => {
      const asked = async () =>
        JSON.stringify(await ask(name, { key: "key-b", player: "player-1", body: BODIES[name] }));
      const others = await asked();
      await begin(false);
      expect(await asked()).toBe(others);
    },
  );

  test.each(ALL)("%s: another operator, or none that there is, is refused alike whatever the player", async (name) => {
    const body = BODIES[name];
    const before = known.calls();
    const answers = await Promise.all(
      ["operator-a", "operator-z"].flatMap((operator) =>
        ["player-1", "player-9"].map((player) => ask(name, { key: "key-b", player, query: { operator }, body })),
      ),
    );
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect([answers[0]?.status, answers[0]?.body.type]).toEqual([403, "urn:vwt:problem:not-your-operator"]);
    expect(known.calls()).toBe(before);
  });

  test.each(ALL)("%s: a key that the configuration does not know gets nothing", async (name) => {
    const before = known.calls();
    for (const key of ["key-c", null, "", "__proto__"]) {
      const { status, body } = await ask(name, { key, body: BODIES[name] });
      expect([status, body.type]).toEqual([403, "urn:vwt:problem:not-your-operator"]);
    }
    expect(known.calls()).toBe(before);
  });

  test.each(ALL)("%s: who acts for several operators says which", async (name) => {
    const body = BODIES[name];
    expect((await ask(name, { key: "key-both", body })).body.detail).toContain("?operator=");
    const { status } = await ask(name, { key: "key-both", query: { operator: "operator-a" }, body });
    expect(status).toBe(200);
  });

  test.each(ALL)("%s: a parameter that it does not have is refused", async (name) => {
    const { status, body } = await ask(name, { query: { operater: "operator-a" }, body: BODIES[name] });
    expect([status, body.type]).toEqual([400, "urn:vwt:problem:bad-request"]);
    expect(body.detail).toContain("operator");
  });

  test("no answer and no log tells a player's id that was not asked for", async () => {
    for (const name of ALL) await ask(name, { body: BODIES[name] });
    expect(output.text()).not.toMatch(/player-\d|operator-/);
  });
});

describe("restrictions", () => {
  test("are what must be enforced now, and are not sent again to whoever has them", async () => {
    const { status, headers, body } = await ask("showRestrictions");
    expect(status).toBe(200);
    expect(body).toMatchObject({ operatorId: "operator-a", playerId: "player-1", level: 3 });
    expect(body.restrictions).toMatchObject({ coolOffHours: expect.any(Number), marketingStop: true });
    expect(headers).toMatchObject({ "cache-control": "private, no-cache", etag: expect.stringMatching(/^"\w{32}"$/) });
    const etag = headers.etag as string;
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, ` ${etag} `, "*"]) {
      const again = await ask("showRestrictions", { headers: { "If-None-Match": tag } });
      expect(again).toEqual({ status: 304, headers: { ...headers, "content-type": undefined }, body: undefined });
      expect(again.headers).not.toHaveProperty("content-type");
    }
  });

  test.each(["", '"', "W/", '"other"', ",,,", '"a" "b"', "\u0000", `"${"x".repeat(9_000)}`, "**"])(
    "a tag that is none (%j) does not keep the answer back",
    async (tag) => {
      expect((await ask("showRestrictions", { headers: { "if-none-match": tag } })).status).toBe(200);
    },
  );

  test("the tag changes with what holds, and with nothing else", async () => {
    const tag = async () => (await ask("showRestrictions")).headers.etag;
    const before = await tag();
    now = new Date("2026-11-26T13:00:00.000Z");
    expect(await tag()).toBe(before);
    await ask("declare", { body: { selfExclusion: { until: "2026-12-01T00:00:00Z" } } });
    const excluded = await tag();
    expect(excluded).not.toBe(before);
    // It ends by itself, without an event.
    now = new Date("2026-12-02T00:00:00.000Z");
    expect(await tag()).not.toBe(excluded);
  });

  test("of a player whom nobody knows are none", async () => {
    const { status, body } = await ask("showRestrictions", { player: "p:9" });
    expect([status, body]).toEqual([200, { operatorId: "operator-a", playerId: "p:9", level: 0, restrictions: {} }]);
  });

  test("a pseudonym may be written in percent", async () => {
    expect((await ask("showRestrictions", { player: "p%3A9" })).body.playerId).toBe("p:9");
  });

  test.each([
    "",
    "..",
    "a/b",
    "a%2Fb",
    "%",
    "%zz",
    "a%00",
    "p%253A9",
    "a|b",
    "player-1 ",
    "ä",
    "x".repeat(129),
    "a@b.c",
  ])("an id that no player can have (%j) is refused, and is not one without restrictions", async (player) => {
    // Two dots are a pseudonym by its form; what comes as such is looked for.
    const { status, body } = await ask("showRestrictions", { player });
    expect([status, body.type ?? body.level]).toEqual(
      player === ".." ? [200, 0] : [400, "urn:vwt:problem:bad-request"],
    );
    if (player.length > 2) expect(JSON.stringify(body)).not.toContain(player);
  });

  test("need no model, and one read of the table", async () => {
    const read = jest.spyOn(known.store, "read");
    for (const other of ["changes", "history", "declare", "contest"] as const) {
      jest.spyOn(known.store, other).mockRejectedValue(new Error("not asked"));
    }
    expect((await ask("showRestrictions")).status).toBe(200);
    expect(read).toHaveBeenCalledTimes(1);
  });

  test.each([
    ["ThrottlingException", 503, "busy"],
    ["AccessDeniedException", 500, "internal"],
  ])("%s of the table is %i", async (name, status, problem) => {
    jest.spyOn(known.store, "read").mockRejectedValue(Object.assign(new Error("player-1"), { name }));
    const answer = await ask("showRestrictions");
    expect([answer.status, answer.body.type]).toEqual([status, `urn:vwt:problem:${problem}`]);
    expect(JSON.stringify(answer.body) + output.text()).not.toContain("player-1");
  });
});

describe("a player", () => {
  test("is told with risk, reasons, restrictions, and the models' words", async () => {
    const { body } = await ask("showPlayer");
    expect(body).toMatchObject({
      ...{ operatorId: "operator-a", playerId: "player-1", level: 3, riskGroup: "severe", reasons: ["night-play"] },
      ...{ marketing: { allowed: false }, policy: { name: "cautious" }, review: { contested: false } },
    });
    expect(body.until > NOW).toBe(true);
    expect(body.models).toEqual([expect.objectContaining({ model: "problem", score: 0.9, riskGroup: "severe" })]);
  });

  test("of low risk who agreed to marketing has its prediction too", async () => {
    await known.assess("operator-a", "calm", "low", NOW);
    await ask("declare", { player: "calm", body: { marketingConsent: true } });
    const { body } = await ask("showPlayer", { player: "calm" });
    expect(body.models.map(({ model }: { model: string }) => model)).toEqual(["problem", "marketing"]);
    expect(body.marketing.allowed).toBe(true);
  });

  test("whom nobody knows is 404", async () => {
    const { status, body } = await ask("showPlayer", { player: "player-9" });
    expect([status, body.type]).toEqual([404, "urn:vwt:problem:no-such-player"]);
  });
});

describe("the list of players", () => {
  const ids = (body: { players: { playerId: string }[] }) => body.players.map(({ playerId }) => playerId);

  test("is of the operator's, from an instant on, of a group, in the order of their changes", async () => {
    await known.assess("operator-a", "player-3", "moderate", "2026-11-26T11:10:00.000Z");
    await known.assess("operator-a", "player-4", "low", "2026-11-26T11:20:00.000Z");
    expect(ids((await ask("listPlayers")).body)).toEqual(["player-1", "player-3", "player-4"]);
    expect(ids((await ask("listPlayers", { query: { changedSince: "2026-11-26T12:10:00+01:00" } })).body)).toEqual([
      ...["player-3", "player-4"],
    ]);
    expect(ids((await ask("listPlayers", { query: { group: "moderate" } })).body)).toEqual(["player-3"]);
  });

  test("nothing that changes while a client pages is missed", async () => {
    for (let index = 0; index < 30; index += 1) {
      await known.assess(
        "operator-a",
        `p-${index}`,
        "high",
        new Date(Date.parse(NOW) - 60_000 + index * 1_000).toISOString(),
      );
    }
    const seen: string[] = [];
    let query: Record<string, string> = { limit: "7" };
    for (let page = 0; page < 10; page += 1) {
      const { body } = await ask("listPlayers", { query });
      seen.push(...ids(body));
      // Players who were seen, and who were not, change meanwhile.
      await known.assess("operator-a", "p-0", "severe", now.toISOString());
      await known.assess("operator-a", `p-${29 - page}`, "severe", now.toISOString());
      if (body.next) query = { limit: "7", after: body.next };
      else query = { limit: "7", changedSince: body.changedUntil };
      now = new Date(now.getTime() + 20_000);
    }
    expect(new Set(seen)).toEqual(new Set(["player-1", ...Array.from({ length: 30 }, (_, index) => `p-${index}`)]));
  });

  test("goes on although somebody changes between the reading of the index and that of the player", async () => {
    for (const [playerId, minute] of Object.entries({ "player-3": 10, "player-4": 20, "player-5": 30 })) {
      await known.assess("operator-a", playerId, "high", `2026-11-26T11:${minute}:00.000Z`);
    }
    const client = known.tables.client as unknown as { send: (command: object) => Promise<object> };
    const send = client.send;
    client.send = async (command) => {
      client.send = send;
      const answer = await send(command);
      await known.assess("operator-a", "player-3", "severe", NOW);
      return answer;
    };
    const { body } = await ask("listPlayers", { query: { limit: "2" } });
    expect(ids(body)).toEqual(["player-1", "player-3"]);
    const next = await ask("listPlayers", { query: { limit: "2", after: body.next } });
    expect(ids(next.body)).toEqual(["player-4", "player-5"]);
  });

  test("does not tell what is so new that an older change may still come", async () => {
    await known.assess("operator-a", "new", "high", "2026-11-26T11:59:30.000Z");
    const { body } = await ask("listPlayers", { query: { limit: "1", changedSince: "2026-11-26T11:30:00Z" } });
    expect(body).toEqual({ players: [], changedUntil: "2026-11-26T11:59:00.000Z" });
    now = new Date("2026-11-26T12:00:31.000Z");
    expect(ids((await ask("listPlayers", { query: { changedSince: body.changedUntil } })).body)).toEqual(["new"]);
  });

  test.each([
    [{ limit: "0" }],
    [{ limit: "101" }],
    [{ limit: "1e2" }],
    [{ limit: "-1" }],
    [{ limit: "9".repeat(400) }],
    [{ group: "mild" }],
    [{ group: "__proto__" }],
    [{ changedSince: "yesterday" }],
    [{ changedSince: "2026-02-30T00:00:00Z" }],
    [{ changedSince: "2026-11-26" }],
    [{ changedSince: "2026-11-26T12:00:01Z" }],
    [{ changedSince: "2099-01-01T00:00:00Z" }],
    [{ after: "" }],
    [{ after: "x y" }],
    [{ after: "x".repeat(1_001) }],
  ])("%j is refused", async (query) => {
    const { status, body } = await ask("listPlayers", { query });
    expect([status, body.type]).toEqual([400, "urn:vwt:problem:bad-request"]);
  });
});

test("history is told as events, the last first, a page at a time", async () => {
  const history = jest.spyOn(known.store, "history");
  const { body } = await ask("showHistory", { query: { limit: "3", after: "0000000007" } });
  expect(body.changes[0]).toMatchObject({ playerId: "player-1", event: expect.stringMatching(/^[A-Z]/) });
  expect(history).toHaveBeenCalledWith(expect.anything(), { limit: 3, after: "0000000007" });
  expect((await ask("showHistory", { player: "player-9" })).body.changes).toEqual([]);
});

describe("contesting", () => {
  test("opens a review, or notes it in the open one; the reason is the player's own", async () => {
    const { status, body } = await ask("contest", { body: { text: "I won this month" } });
    expect([status, body.review.contested]).toEqual([200, true]);
    expect((await known.store.review("operator-a", body.review.id))?.contest).toBe("I won this month");
    const before = known.writes();
    expect([(await ask("contest")).status, known.writes()]).toEqual([200, before]);
    expect(output.text()).not.toContain("I won");
  });

  test("nothing is 409, and a player whom nobody knows has nothing to contest either", async () => {
    await known.assess("operator-a", "calm", "low", NOW);
    const answers = await Promise.all(["calm", "player-9"].map((player) => ask("contest", { player })));
    for (const { status, body } of answers) {
      expect([status, body.type]).toEqual([409, "urn:vwt:problem:nothing-to-contest"]);
    }
    expect(answers[0]).toEqual(answers[1]);
  });

  test.each([["[]"], ["null"], ["{"], [{ text: "" }], [{ text: 7 }], [{ reason: "x" }], [{ text: "x".repeat(2_001) }]])(
    "with %j is refused",
    async (body) => {
      const before = known.writes();
      expect((await ask("contest", { body })).body.type).toBe("urn:vwt:problem:bad-request");
      expect(known.writes()).toBe(before);
    },
  );
});

describe("declaring", () => {
  test("limits of one's own, self-exclusion and consent hold at once, however often they are sent", async () => {
    const limits = { stakeLimit: { amount: 0.5, currency: "EUR" }, sessionMinutes: 10 };
    const body = { limits, selfExclusion: { until: "2027-01-01T00:00:00+01:00" }, marketingConsent: false };
    const first = await ask("declare", { player: "player-9", body });
    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({ level: 0, restrictions: { selfExclusion: true } });
    expect(first.body.declared).toMatchObject({ limits, marketingConsent: false });
    expect(first.body.declared.selfExclusion.until).toBe("2026-12-31T23:00:00.000Z");
    expect(await ask("declare", { player: "player-9", body })).toEqual(first);
    // Only for the operator whose player it is.
    expect((await ask("showPlayer", { player: "player-9", key: "key-b" })).status).toBe(404);
  });

  test("an exclusion tells its end with the restrictions, and what it took the place of holds again after it", async () => {
    await ask("declare", { body: { selfExclusion: { until: "2026-11-27T12:00:00Z" } } });
    const during = (await ask("showRestrictions")).body;
    expect(during).toMatchObject({ level: 0, exclusionUntil: "2026-11-27T12:00:00.000Z" });
    now = new Date("2026-11-27T12:00:00Z");
    const after = (await ask("showRestrictions")).body;
    expect(after).toMatchObject({ level: 3, since: "2026-11-27T12:00:00.000Z", restrictions: { contact: true } });
    expect(after).not.toHaveProperty("exclusionUntil");
  });

  test("for ever is null", async () => {
    const { body } = await ask("declare", { body: { selfExclusion: { until: null } } });
    expect(body.declared.selfExclusion.until).toBeNull();
  });

  const amount = (amount: unknown, more = {}) => ({ limits: { stakeLimit: { amount, currency: "EUR", ...more } } });
  test.each<[unknown, string]>([
    [{}, ""],
    [{ limit: {} }, ""],
    [[], ""],
    [{ limits: { stakeLimit: null } }, "/limits/stakeLimit"],
    [{ limits: { stakes: 1 } }, "/limits"],
    [amount(-1), "/limits/stakeLimit/amount"],
    [amount("5"), "/limits/stakeLimit/amount"],
    [amount(1e10), "/limits/stakeLimit/amount"],
    [amount(5, { currency: "euro" }), "/limits/stakeLimit/currency"],
    [amount(5, { days: 7 }), "/limits/stakeLimit"],
    [{ limits: { depositLimit: { amount: 5, currency: "EUR" } } }, "/limits/depositLimit/days"],
    [{ limits: { sessionMinutes: 1.5 } }, "/limits/sessionMinutes"],
    [{ limits: { coolOffHours: 0 } }, "/limits/coolOffHours"],
    [{ selfExclusion: true }, "/selfExclusion"],
    [{ selfExclusion: {} }, "/selfExclusion/until"],
    [{ selfExclusion: { until: "2026-11-26T12:00:00Z" } }, "/selfExclusion/until"],
    [{ selfExclusion: { until: "2026-11-27T11:59:59Z" } }, "/selfExclusion/until"],
    [{ selfExclusion: { until: "2027-02-30T00:00:00Z" } }, "/selfExclusion/until"],
    [{ selfExclusion: { until: "for ever" } }, "/selfExclusion/until"],
    [{ marketingConsent: "no" }, "/marketingConsent"],
  ])("%j is refused with where", async (body, pointer) => {
    const before = known.writes();
    const { status, body: problem } = await ask("declare", { body });
    expect([status, problem.type]).toEqual([400, "urn:vwt:problem:bad-request"]);
    if (Object.keys(body as object).length > 0) expect(problem.errors).toMatchObject([{ pointer }]);
    expect(known.writes()).toBe(before);
  });

  test("a body of megabytes, or of prototypes, costs nothing", async () => {
    const before = known.writes();
    const { status } = await ask("declare", { body: `{"limits":"${"x".repeat(5_000_000)}"}` });
    expect(status).toBe(413);
    const proto = await ask("declare", { body: '{"__proto__":{"marketingConsent":true},"constructor":1}' });
    expect(proto.status).toBe(400);
    expect(known.writes()).toBe(before);
  });

  test.each([
    ["wrong-currency", 400, "bad-request"],
    ["contended", 503, "busy"],
  ] as const)("%s of the store is %i", async (reason, status, problem) => {
    jest.spyOn(known.store, "declare").mockRejectedValue(new PlayerRefused(reason));
    const answer = await ask("declare", { body: { marketingConsent: true } });
    expect([answer.status, answer.body.type]).toEqual([status, `urn:vwt:problem:${problem}`]);
  });
});

test("there is no other route", async () => {
  const handler = createHandler({ telemetry: output.telemetry, store: known.store, clients, now: () => now });
  for (const [httpMethod, resource] of [
    ["DELETE", "/players/{playerId}"],
    ["GET", "/reviews"],
    ["GET", "/__proto__"],
  ] as const) {
    const { statusCode } = await handler({ ...event("showPlayer"), httpMethod, resource });
    expect(statusCode).toBe(404);
  }
});
