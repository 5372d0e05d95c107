import { spinner } from "@clack/prompts";
import { table } from "./table";

/** Time between two lines by which a step says, where there is no terminal, that it still runs. */
const HEARTBEAT_MS = 15_000;

export interface Step {
  /** Says what the step is at. */
  readonly at: (what: string) => void;
  /** Says how much CPU time the step's programs have taken, in seconds. */
  readonly spent: (cpuSeconds: number) => void;
}

export interface Timing {
  readonly title: string;
  readonly seconds: number;
  readonly cpuSeconds?: number | undefined;
}

/** The steps that ended well, in order. */
const timings: Timing[] = [];

/** Writes the steps of a command and their times as a table; the heading says what a step is. */
export function timingTable(heading: string): string {
  const measured = timings.some(({ cpuSeconds }) => cpuSeconds !== undefined);
  return table(
    [heading, "seconds", ...(measured ? ["CPU seconds"] : [])],
    timings.map(({ title, seconds, cpuSeconds }) => [
      title,
      seconds.toFixed(1),
      ...(measured ? [cpuSeconds?.toFixed(1) ?? ""] : []),
    ]),
  );
}

const plainly = (title: string) => {
  const started = Date.now();
  let now = "";
  console.log(`· ${title} …`);
  const beat = setInterval(() => {
    console.log(`  ${title}: ${now || "still running"} (${Math.round((Date.now() - started) / 1000)} s so far)`);
  }, HEARTBEAT_MS);
  return {
    at: (what: string) => {
      now = what;
    },
    end: (mark: string, text: string) => {
      clearInterval(beat);
      console.log(`${mark} ${text}`);
    },
  };
};

const onTerminal = (title: string) => {
  const shown = spinner({ indicator: "timer" });
  shown.start(title);
  return {
    at: (what: string) =>
      shown.message(`${title}: ${what.slice(0, Math.max(20, (process.stdout.columns ?? 100) - title.length - 20))}`),
    end: (mark: string, text: string) => (mark === "✔" ? shown.stop(text) : shown.error(text)),
  };
};

/**
 * Runs one step of a command, showing what it is, what it is at and how long it has taken so far. `isWell` judges a result
 * that may be a failure, too.
 */
export async function step<T>(
  title: string,
  work: (step: Step) => Promise<T>,
  isWell: (result: T) => boolean = () => true,
): Promise<T> {
  const started = Date.now();
  const seconds = () => (Date.now() - started) / 1000;
  const shown = process.stdout.isTTY && !process.env.CI ? onTerminal(title) : plainly(title);
  try {
    let cpuSeconds: number | undefined;
    const spent = (added: number) => {
      cpuSeconds = (cpuSeconds ?? 0) + added;
    };
    const result = await work({ at: shown.at, spent });
    timings.push({ title, seconds: seconds(), cpuSeconds });
    if (isWell(result)) shown.end("✔", `${title} (${seconds().toFixed(1)} s)`);
    else shown.end("✖", `${title} failed after ${seconds().toFixed(1)} s`);
    return result;
  } catch (error) {
    shown.end("✖", `${title} failed after ${seconds().toFixed(1)} s`);
    throw error;
  }
}
