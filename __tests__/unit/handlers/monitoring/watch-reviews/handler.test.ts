import { createHandler } from "../../../../../handlers/monitoring/watch-reviews/handler";
import { knownPlayers } from "../../api/known-players";
import { fakeTelemetry } from "../../fakes";

const output = fakeTelemetry();
// The cautious policy wants a decision within a day.
const EARLY = "2026-11-20T12:00:00.000Z";
const LATE = "2026-11-26T11:00:00.000Z";
const NOW = "2026-11-26T12:00:00.000Z";

async function watched(players: Readonly<Record<string, string>>) {
  const known = knownPlayers();
  for (const [playerId, at] of Object.entries(players)) await known.assess("operator-a", playerId, "severe", at);
  await createHandler({
    telemetry: output.telemetry,
    store: known.store,
    operators: ["operator-a", "operator-b"],
    now: () => new Date(NOW),
  })();
  return known;
}

test("each operator's overdue reviews are counted, and those that are not yet due are not", async () => {
  await watched({ "player-1": EARLY, "player-2": EARLY, "player-3": LATE });
  expect(output.metrics()).toEqual([
    { operator: "operator-a", ReviewsOverdue: 2 },
    { operator: "operator-b", ReviewsOverdue: 0 },
  ]);
  expect(output.text()).toMatch(/nobody has decided in time/);
  expect(output.text()).not.toContain("player-");
});

test("more than a page is counted, and pages of those that are not due are not read", async () => {
  const players = (count: number, at: string, from = 0) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`p-${from + index}`, at]));
  const known = await watched({ ...players(120, EARLY), ...players(150, LATE, 200) });
  expect(output.metrics()[0]).toEqual({ operator: "operator-a", ReviewsOverdue: 120 });
  expect(known.queries()).toBe(3);
});
