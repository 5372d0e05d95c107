import fc from "fast-check";
import { PlayerRows } from "../../../../catalogue/drift/player-rows";

const row = (at: number) => ({ at, features: Float32Array.of(at), score: at });
const ages = (players: PlayerRows) => players.rows().map(({ at }) => at);

test("whoever sends many rows counts once, by the latest", () => {
  const players = new PlayerRows(10);
  for (const [player, at] of [
    ["b", 3],
    ["a", 1],
    ["b", 5],
    ["b", 4],
  ] as const)
    players.add(player, row(at));
  expect([players.added, players.players, ages(players)]).toEqual([4, 2, [1, 5]]);
});

test("of more players those with the least keys stay, in whichever order their rows come", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      (keys, most) => {
        const least = [...keys].sort().slice(0, most);
        const kept = (order: readonly string[]) => {
          const players = new PlayerRows(most, 1);
          for (const key of order) players.add(key, row(keys.indexOf(key)));
          return [players.players, ages(players).map((index) => keys[index])];
        };
        expect(kept(keys)).toEqual([least.length, least]);
        expect(kept(keys.toReversed())).toEqual([least.length, least]);
      },
    ),
  );
});
