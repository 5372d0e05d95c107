import { createHash } from "node:crypto";
import { PlayerMarks } from "../../../../../handlers/lib/records/player-marks";

const hash = (player: number) => createHash("sha256").update(`${player}`).digest();
const marksOf = (players: readonly number[]) => {
  const marks = new PlayerMarks();
  for (const player of players) marks.mark(hash(player));
  return marks;
};
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

test.each([0, 1, 20, 1000, 10_000])("%d players are counted within a twentieth", (players) => {
  expect(Math.abs(marksOf(range(0, players)).count - players)).toBeLessThanOrEqual(players / 20);
});

test("a player who comes again counts once, in whichever group", () => {
  const all = marksOf(range(0, 500));
  const parts = marksOf(range(0, 300));
  parts.addAll(marksOf(range(200, 500)).toString());
  expect(parts.toString()).toBe(all.toString());
  expect(new PlayerMarks(all.toString()).count).toBe(all.count);
});

test("more players than can be told apart are many", () => {
  const full = new PlayerMarks(Buffer.alloc(512, 255).toString("base64"));
  expect(full.count).toBeGreaterThan(30_000);
});
