import type { Policy } from "../policy";

/**
 * Policy for Great Britain by the Gambling Commission's Social Responsibility Code 3.4.3 (remote customer interaction).
 * Requirement 9: action is tailored to the number and level of indicators, grows where earlier action had no effect, and
 * is strong at once where that is right. Requirement 10: strong indicators prevent marketing and new bonuses.
 * Requirement 11: strong indicators are acted on automatically, a person reviews each case, and the player may contest
 * it. The guidance names a maximum deposit limit and a block on gambling as such action; the code sets no amounts or
 * durations, so those are ours and an operator's to change.
 *
 * https://www.gamblingcommission.gov.uk/licensees-and-businesses/lccp/condition/3-4-3-remote-customer-interaction
 */
export const uk: Policy = {
  name: "uk",
  version: 1,
  jurisdiction: "Great Britain",
  currency: "GBP",
  levels: [
    { restrictions: {}, minimumDays: 0 },
    { restrictions: { message: { key: "check-your-play", languages: ["en", "cy"] } }, minimumDays: 7 },
    {
      restrictions: {
        depositLimit: { amount: 200, currency: "GBP", days: 7 },
        stakeLimit: { amount: 5, currency: "GBP" },
        sessionMinutes: 60,
        bonusStop: true,
        marketingStop: true,
        message: { key: "signs-of-harm", languages: ["en", "cy"] },
        contact: true,
      },
      minimumDays: 28,
    },
    {
      restrictions: {
        depositLimit: { amount: 50, currency: "GBP", days: 28 },
        stakeLimit: { amount: 2, currency: "GBP" },
        lossLimit: { amount: 50, currency: "GBP", days: 28 },
        sessionMinutes: 30,
        coolOffHours: 72,
        bonusStop: true,
        marketingStop: true,
        message: { key: "we-have-paused-your-play", languages: ["en", "cy"] },
        contact: true,
      },
      minimumDays: 90,
    },
  ],
  groups: { low: 0, moderate: 1, high: 2, severe: 3 },
  consecutive: 3,
  review: { deadlineHours: 24, standsDays: 28, fourEyesFrom: 3 },
};
