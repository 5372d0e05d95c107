import { MOST_AGE } from "../../../../../contracts/deliveries";
import { comeAgain } from "../../../../../handlers/lib/deliveries/come-again";

const NOW = Date.UTC(2026, 10, 26);
const TWELVE_HOURS = 43_200;
const retries = { first: 28_800, longest: 28_800, within: 86_400 };
const received = { messageId: "m", receipts: 1, sentMs: NOW, receiptHandle: "r", body: "{}" };

async function outcome(seconds: number, more: Partial<typeof received> = {}) {
  const told: (number | string)[] = [];
  const { message } = await comeAgain(
    { ...received, ...more },
    seconds,
    "it is down",
    { retries },
    {
      postpone: async (_, pause) => void told.push(pause),
      giveUp: async (_, reason) => void told.push(reason),
      now: () => NOW,
      chance: () => 1,
    },
  );
  return [message, ...told];
}

test("a pause ends within the twelve hours that SQS counts from the receipt, however long the function had the message", async () => {
  expect(await outcome(0)).toEqual(["again", TWELVE_HOURS - 900]);
  expect(await outcome(86_400)).toEqual(["again", TWELVE_HOURS - 900]);
});

test("what would come again too old is given up, whatever its receipts", async () => {
  expect(await outcome(0, { sentMs: NOW - MOST_AGE * 1000 })).toEqual(["given-up", "it is down"]);
});
