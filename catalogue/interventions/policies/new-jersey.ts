import type { Policy } from "../policy";

/**
 * Policy for New Jersey by the Division of Gaming Enforcement's initiative of 2023 for players at risk, which escalates in
 * three levels: an automated message with information about help and responsible gaming, then an account that is blocked
 * until the player has watched a video tutorial, then direct contact by the operator's responsible gaming lead. The
 * wallet blocks play until the message of level 2 is confirmed. Stops of bonuses and marketing are ours: the initiative
 * names none, and nobody at risk is to be lured.
 *
 * https://www.gambling.com/us/news/new-jersey-dge-launches-new-responsible-gambling-initiative-3968100
 */
export const newJersey: Policy = {
  name: "new-jersey",
  version: 1,
  jurisdiction: "New Jersey",
  currency: "USD",
  levels: [
    { restrictions: {}, minimumDays: 0 },
    { restrictions: { message: { key: "help-and-tools", languages: ["en", "es"] } }, minimumDays: 14 },
    {
      restrictions: {
        bonusStop: true,
        marketingStop: true,
        message: { key: "video-tutorial", languages: ["en", "es"] },
      },
      minimumDays: 30,
    },
    {
      restrictions: {
        bonusStop: true,
        marketingStop: true,
        message: { key: "video-tutorial", languages: ["en", "es"] },
        contact: true,
      },
      minimumDays: 90,
    },
  ],
  groups: { low: 0, moderate: 1, high: 2, severe: 3 },
  consecutive: 3,
  review: { deadlineHours: 48, standsDays: 30, fourEyesFrom: 3 },
};
