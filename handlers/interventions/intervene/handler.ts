import type { Assessment, PlayerKey } from "../../../catalogue/interventions/evidence";
import { parseEvent } from "../../../contracts/events";
import { parseInput } from "../../../contracts/inputs";
import { type BatchReply, deliverAgain, type Message } from "../../lib/aws/messages";
import type { PlayerStore } from "../../lib/interventions/player-store";
import { concurrently } from "../../lib/util/concurrently";
import { errorName, type Telemetry } from "../../lib/util/telemetry";
import { toAssessment } from "./assessment";

export interface InterveneDeps {
  readonly telemetry: Pick<Telemetry, "info" | "error">;
  readonly players: Pick<PlayerStore, "apply">;
}

/** Players whose states are written side by side. */
const WRITERS = 8;

/** Assessments of one player, each with the message that brought it. */
interface Received {
  readonly player: PlayerKey;
  readonly all: { readonly message: Message; readonly assessment: Assessment }[];
}

/**
 * Turns assessments into interventions. All of one player in a batch are written at once; a message that fails, or that
 * nobody can understand, is given back alone.
 */
export const createHandler =
  ({ telemetry, players }: InterveneDeps) =>
  async (input: unknown): Promise<BatchReply> => {
    const { Records } = parseInput("intervene", input);
    const failed: Message[] = [];
    const received = new Map<string, Received>();
    for (const message of Records) {
      try {
        const { player, assessment } = read(message);
        const key = JSON.stringify(player);
        const { all } = received.get(key) ?? { all: [] };
        received.set(key, { player, all: [...all, { message, assessment }] });
      } catch (error) {
        failed.push(message);
        telemetry.error("a message is no assessment", { messageId: message.messageId, reason: errorName(error) });
      }
    }

    const counts = { taken: 0, late: 0, duplicate: 0, stale: 0, changes: 0 };
    await concurrently([...received.values()], WRITERS, async ({ player, all }) => {
      try {
        const { outcomes, changes } = await players.apply(
          player,
          all.map(({ assessment }) => assessment),
        );
        for (const outcome of outcomes) counts[outcome] += 1;
        counts.changes += changes.length;
      } catch (error) {
        failed.push(...all.map(({ message }) => message));
        telemetry.error("assessments were not applied", { assessments: all.length, reason: errorName(error) });
      }
    });
    telemetry.info("assessments were applied", { failed: failed.length, ...counts });
    return deliverAgain(failed);
  };

function read({ body }: Message): { readonly player: PlayerKey; readonly assessment: Assessment } {
  const { name, detail } = parseEvent(body);
  if (name !== "PlayerAssessed") throw new TypeError(`${name} is no assessment`);
  const { operatorId, playerId } = detail;
  return { player: { operatorId, playerId }, assessment: toAssessment(detail) };
}
