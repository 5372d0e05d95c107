import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** What the receiver does with a call. */
export type Behaviour =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** Answers nothing, and holds the connection. */
  | "hangs"
  /** Ends the connection. */
  | "breaks off"
  /** Answers 200, and begins a body that never ends. */
  | "trickles"
  /** Answers 200 with a body that grows as long as somebody reads. */
  | "floods";

/** A call as it came. */
export interface Call {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** The status that it was answered with, if it was. */
  readonly status?: number;
}

export const OK: Behaviour = { status: 204 };

/** An operator's webhook receiver on loopback, which tests tell how to behave. */
export interface Receiver {
  readonly url: string;
  /** All calls, in the order in which they came. */
  readonly calls: readonly Call[];
  /** Ids of the messages that it accepted, each as often as that. */
  readonly accepted: () => readonly string[];
  /** Behaves so in this order, once each, and then as always. */
  readonly next: (...behaviours: readonly Behaviour[]) => void;
  readonly always: (behaviour: Behaviour) => void;
  /** Forgets the calls and behaves well. */
  readonly reset: () => void;
  readonly close: () => Promise<void>;
}

/** Starts a receiver; on a port of the system's choice unless one is named. */
export async function startReceiver(port = 0): Promise<Receiver> {
  const calls: Call[] = [];
  let script: Behaviour[] = [];
  let usual = OK;
  const server = createServer(async (request, response) => {
    const { headers, url: path = "" } = request;
    const body = await text(request);
    const behaviour = script.shift() ?? usual;
    const status = typeof behaviour === "object" ? behaviour.status : STATUSES[behaviour];
    calls.push({ path, headers, body, ...(status !== undefined && { status }) });
    behave(response, behaviour);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`,
    calls,
    accepted: () =>
      calls.filter(({ status = 500 }) => status < 300).map(({ headers }) => String(headers["webhook-id"])),
    next: (...behaviours) => {
      script.push(...behaviours);
    },
    always: (behaviour) => {
      usual = behaviour;
    },
    reset: () => {
      calls.length = 0;
      script = [];
      usual = OK;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function behave(response: ServerResponse, behaviour: Behaviour): void {
  if (typeof behaviour === "object") {
    response.writeHead(behaviour.status, behaviour.headers).end(behaviour.body);
  } else {
    BEHAVIOURS[behaviour](response);
  }
}

const STATUSES: Partial<Record<Behaviour & string, number>> = { trickles: 200, floods: 200 };

const BEHAVIOURS: Readonly<Record<Behaviour & string, (response: ServerResponse) => void>> = {
  hangs: () => {},
  "breaks off": (response) => response.destroy(),
  trickles: (response) => {
    response.writeHead(200).write("{");
  },
  floods: (response) => {
    const more = () => {
      while (response.write("x".repeat(10_000)));
    };
    response
      .writeHead(200)
      .on("drain", more)
      .on("error", () => {});
    more();
  },
};
