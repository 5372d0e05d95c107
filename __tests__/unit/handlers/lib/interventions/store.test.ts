import { PlayerRefused, type PlayerStore } from "../../../../../handlers/lib/interventions/player-store";

test("a refusal says why", () => {
  const refuse: PlayerStore["contest"] = async () => {
    throw new PlayerRefused("nothing-to-contest");
  };
  return expect(refuse({ operatorId: "o", playerId: "p" })).rejects.toMatchObject({ reason: "nothing-to-contest" });
});
