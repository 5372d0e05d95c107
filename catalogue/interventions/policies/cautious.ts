import type { Policy } from "../policy";

/**
 * Policy for operators that chose none, and for those that the configuration does not know: it protects more and sooner
 * than any regulator asks for, because too little here cannot be made good.
 */
export const cautious: Policy = {
  name: "cautious",
  version: 1,
  jurisdiction: "any",
  currency: "EUR",
  levels: [
    { restrictions: {}, minimumDays: 0 },
    {
      restrictions: { marketingStop: true, message: { key: "check-your-play", languages: ["en"] } },
      minimumDays: 14,
    },
    {
      restrictions: {
        depositLimit: { amount: 100, currency: "EUR", days: 7 },
        stakeLimit: { amount: 2, currency: "EUR" },
        lossLimit: { amount: 100, currency: "EUR", days: 7 },
        sessionMinutes: 60,
        bonusStop: true,
        marketingStop: true,
        message: { key: "signs-of-harm", languages: ["en"] },
        contact: true,
      },
      minimumDays: 60,
    },
    {
      restrictions: {
        depositLimit: { amount: 0, currency: "EUR", days: 30 },
        stakeLimit: { amount: 1, currency: "EUR" },
        lossLimit: { amount: 20, currency: "EUR", days: 30 },
        sessionMinutes: 30,
        coolOffHours: 168,
        bonusStop: true,
        marketingStop: true,
        message: { key: "we-have-paused-your-play", languages: ["en"] },
        contact: true,
      },
      minimumDays: 180,
    },
  ],
  groups: { low: 0, moderate: 1, high: 2, severe: 3 },
  consecutive: 5,
  review: { deadlineHours: 24, standsDays: 14, fourEyesFrom: 3 },
};
