import type { Hex } from "viem";
import type { ChainRecord } from "../../../chain/records";
import { CallFailure, within } from "../../lib/util/failure";
import { ChainFailure } from "./node";
import { Overtaken, type SignerStore } from "./store";
import type { Turn } from "./turn";

export interface WritePorts {
  readonly store: Pick<SignerStore, "take" | "end">;
  /** Does as much about these records as one look at the chain allows. */
  readonly turn: (records: readonly ChainRecord[]) => Promise<Turn>;
  /** Names this call among all that may run. */
  readonly holder: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds until the function is ended. */
  readonly left: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Aborts after so many milliseconds. */
  readonly timeout: (ms: number) => AbortSignal;
}

/** What became of records, by their ids; those in neither set must come again. */
export interface Written {
  readonly final: ReadonlySet<Hex>;
  readonly refused: ReadonlySet<Hex>;
  readonly did: Turn["did"];
  /** Why those in neither set must come again. */
  readonly reason: string;
  /** Set when the chain failed. */
  readonly failed?: true;
}

/** Pauses between looks at the chain: a chain of one node answers at once, and others take minutes anyway. */
const PAUSES_MS = [250, 500, 1000, 2000, 4000];
/** A turn has as long, and none but the first begins with less. */
const LONGEST_TURN_MS = 40_000;
/** Time that is left after a turn, for what becomes of the messages. */
const ENDING_MS = 10_000;
/** Time for which the turn is kept after the function's end, because clocks differ. */
const MARGIN_MS = 5_000;
/** The first pause after the chain failed; each that follows another one is twice as long, up to the longest. */
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 300_000;

const pauseAfter = (failures: number): number => Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));

/**
 * Brings records onto the chain, while no other call does for the same signer, and looks for a while whether they become
 * final. When the chain fails, nobody asks it for a pause: the turn is kept until then.
 */
export async function write(records: readonly ChainRecord[], ports: WritePorts): Promise<Written> {
  const { store, holder, now, left } = ports;
  const nothing = { final: new Set<Hex>(), refused: new Set<Hex>(), did: [] };
  const taken = await store.take(holder, now(), now() + left() + MARGIN_MS);
  if (!taken) return { ...nothing, reason: "another call writes, or the chain failed a moment ago" };
  let turn: Turn = nothing;
  const did: Turn["did"][number][] = [];
  let end = { untilMs: 0, failures: 0 };
  try {
    for (const pause of [...PAUSES_MS, undefined]) {
      turn = await inTime();
      did.push(...turn.did);
      const open = records.some(({ id }) => !turn.final.has(id) && !turn.refused.has(id));
      if (!open || pause === undefined || left() < pause + LONGEST_TURN_MS) break;
      await ports.sleep(pause);
    }
    return { ...turn, did, reason: "it is not final yet" };
  } catch (error) {
    if (error instanceof Overtaken) return { ...turn, did, reason: "another call wrote at the same time" };
    const failures = taken.failures + 1;
    end = { untilMs: now() + pauseAfter(failures), failures };
    if (!(error instanceof ChainFailure)) throw error;
    return { ...turn, did, reason: error.message, failed: true };
  } finally {
    await store.end(holder, end.untilMs, end.failures);
  }

  /**
   * Takes a turn, which may ask a slow node many times. One that goes on after its time does no harm: whatever it keeps, it
   * keeps only in place of what it has seen.
   */
  function inTime(): Promise<Turn> {
    const ms = Math.max(0, Math.min(LONGEST_TURN_MS, left() - ENDING_MS));
    return within(ports.timeout(ms), ports.turn(records)).catch((error: unknown) => {
      throw error instanceof CallFailure && error.kind === "timeout"
        ? new ChainFailure(`the node takes more than ${Math.round(ms / 1000)} s for all that is asked of it`)
        : error;
    });
  }
}
