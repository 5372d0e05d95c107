import { SendTaskSuccessCommand, type SFNClient } from "@aws-sdk/client-sfn";

/**
 * Errors of a task token with which nobody waits any more: votes may end a run twice, and runs may be stopped. Safe to
 * ignore.
 */
const NOBODY_WAITS = new Set(["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"]);

/** Tells an execution to go on; rejects when it may still be waiting. */
export const executionResumer =
  (client: SFNClient) =>
  async (token: string): Promise<void> => {
    try {
      await client.send(new SendTaskSuccessCommand({ taskToken: token, output: "{}" }));
    } catch (error) {
      if (!(error instanceof Error && NOBODY_WAITS.has(error.name))) throw error;
    }
  };
