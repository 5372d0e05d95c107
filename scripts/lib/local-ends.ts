import { join } from "node:path";
import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { CreateQueueCommand } from "@aws-sdk/client-sqs";
import type { Config } from "../../config";
import { anvilProgram } from "./anvil";
import { type Background, startBackground, stopBackground } from "./background";
import { type Environment, prepareChains } from "./chain-deliveries";
import { pathOf } from "./deliveries";
import { systemFolder } from "./emulator";
import { root } from "./paths";
import type { Target } from "./target";

/** The ends of operators' deliveries that a system of this machine plays itself. */

const chain = (system: string): Background => ({
  name: "chain",
  start: (port) => {
    const held = ["--state", systemFolder(system, "chain-state.json"), "--state-interval", "10"];
    return { program: anvilProgram(), args: ["--port", String(port), "--threads", "1", ...held] };
  },
  answers: (url) =>
    fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] }),
    }).then(
      ({ ok }) => ok,
      () => false,
    ),
});

/** The receiver that docs/deliveries.md shows; what it gets is in its log. */
const receiver = (port: number, secret: string): Background => ({
  name: "receiver",
  port,
  start: () => ({
    program: process.execPath,
    args: ["--import", "tsx", join(root, "docs", "examples", "receive.ts")],
    env: { VWT_SECRET: secret, PORT: String(port) },
  }),
  // It refuses what nobody has signed.
  answers: (url) =>
    fetch(url, { method: "POST" }).then(
      ({ status }) => status === 401,
      () => false,
    ),
});

type Deliveries = Config["operators"][string]["deliveries"];

const allOf = ({ operators }: Config) =>
  Object.entries(operators).flatMap(([operatorId, { deliveries }]: [string, { readonly deliveries: Deliveries }]) =>
    deliveries.map((delivery) => ({ operatorId, ...delivery })),
  );

/** Brings up a receiver, a queue and a chain for the deliveries of the configuration. */
export async function startLocalEnds(
  system: string,
  { config, naming, secrets, sqs, ...target }: Target & Environment,
): Promise<void> {
  // A secret that was rotated meanwhile is the one of a new receiver.
  await stopBackground(system, { name: "receiver" });
  for (const delivery of allOf(config)) {
    if (delivery.kind === "webhook") {
      const SecretId = pathOf(naming, delivery);
      const { SecretString = "" } = await secrets.send(new GetSecretValueCommand({ SecretId }));
      await startBackground(system, receiver(Number(new URL(delivery.url).port), SecretString));
    }
    if (delivery.kind === "queue") {
      const QueueName = delivery.queueArn.split(":").at(-1);
      const fifo = QueueName?.endsWith(".fifo") ? { FifoQueue: "true" } : {};
      await sqs.send(new CreateQueueCommand({ QueueName, Attributes: fifo }));
    }
  }
  await prepareChains({ config, naming, secrets, ...target }, await startBackground(system, chain(system)));
}

export async function stopLocalEnds(system: string): Promise<void> {
  await Promise.all(["chain", "receiver"].map((name) => stopBackground(system, { name })));
}
