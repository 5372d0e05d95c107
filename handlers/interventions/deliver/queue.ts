import type { SendToQueue } from "../../lib/aws/queues";
import { toFailure } from "../../lib/util/failure";
import type { Adapters } from "./adapter";

/**
 * Sends messages to an operator's queue; the queue's policy lets us. A FIFO queue keeps each player's in the order in
 * which they were sent, and takes one that is sent twice once.
 */
export const queues =
  (send: SendToQueue): Adapters["queue"] =>
  ({ queue }) => ({
    send: async ({ id, playerId, body }, signal) => {
      try {
        const inOrder = { MessageGroupId: playerId, MessageDeduplicationId: id };
        await send(queue, { MessageBody: body, ...(queue.endsWith(".fifo") && inOrder) }, signal);
        return { kind: "delivered" };
      } catch (error) {
        // Whatever it is, the operator can mend it: policy, key, the queue itself.
        return { kind: "failed", reason: `the queue answered ${toFailure(error).message}` };
      }
    },
  });
