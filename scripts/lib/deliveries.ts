import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { BatchGetItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { ListMessageMoveTasksCommand, type SQSClient, StartMessageMoveTaskCommand } from "@aws-sdk/client-sqs";
import { deliveryKey } from "../../contracts/deliveries";
import { type DELIVERY_PREFIX, deadLettersOf, deliveryName, type Naming } from "../../modules/base/naming";
import { UserError } from "./process";
import { depthOf } from "./queues";

/** The part of a configuration that tells operators' deliveries. */
export interface WithDeliveries {
  readonly operators: Readonly<Record<string, { readonly deliveries: readonly Pick<Delivery, "name" | "kind">[] }>>;
}

export interface Delivery {
  readonly operatorId: string;
  readonly name: string;
  readonly kind: keyof typeof DELIVERY_PREFIX;
}

/** Lists all deliveries of all operators. */
export const deliveriesOf = ({ operators }: WithDeliveries): readonly Delivery[] =>
  Object.entries(operators).flatMap(([operatorId, { deliveries }]) =>
    deliveries.map(({ name, kind }) => ({ operatorId, name, kind })),
  );

/** Tells an operator's delivery from other texts. Throws a `UserError` with the names that there are. */
export function knownDelivery(config: WithDeliveries, operatorId: string, name: string): Delivery {
  const all = deliveriesOf(config);
  const found = all.find((each) => each.operatorId === operatorId && each.name === name);
  if (found) return found;
  const own = all.filter((each) => each.operatorId === operatorId);
  const list = (texts: readonly string[]) => [...new Set(texts)].join(", ") || "none";
  throw new UserError(
    own.length > 0
      ? `${operatorId} has no delivery "${name}". It has ${list(own.map((each) => each.name))}.`
      : `No operator "${operatorId}" has a delivery. These have: ${list(all.map((each) => each.operatorId))}.`,
  );
}

export interface RedriveDeps {
  readonly sqs: SQSClient;
  readonly naming: Naming;
  /** Milliseconds between two looks at the task. */
  readonly pollMs?: number;
}

/** Looks at a task that moves messages before it is left to itself. */
const LOOKS = 60;

/**
 * Sends a delivery's dead letters to its queue again. Answers how many, or `undefined` when SQS has not ended after a
 * minute: it goes on by itself. Throws a `UserError` when there are none, and with what SQS says when it cannot.
 */
export async function redrive(
  { sqs, naming, pollMs = 1_000 }: RedriveDeps,
  delivery: Delivery,
): Promise<number | undefined> {
  const queue = naming.of("queue", deliveryName(delivery));
  const dead = naming.of("queue", deadLettersOf(deliveryName(delivery)));
  const { waiting } = await depthOf(sqs, naming.queueUrl(dead));
  if (waiting === 0)
    throw new UserError(`${deliveryKey(delivery)} has no dead letters, so there is nothing to redrive.`);
  const SourceArn = naming.arn("sqs", dead);
  // Named, because SQS does not know where messages came from that the function itself gave up.
  const start = new StartMessageMoveTaskCommand({ SourceArn, DestinationArn: naming.arn("sqs", queue) });
  await sqs.send(start).catch((error: unknown) => {
    throw error instanceof Error && /already a task running/i.test(error.message)
      ? new UserError(`${deliveryKey(delivery)} is being redriven already; look again with npm run status.`)
      : error;
  });
  for (let looks = 0; looks < LOOKS; looks += 1) {
    const { Results: [task] = [] } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn, MaxResults: 1 }));
    if (task?.Status === "COMPLETED") return task.ApproximateNumberOfMessagesMoved ?? 0;
    if (task?.Status === "FAILED") throw new UserError(`SQS could not redrive: ${task.FailureReason}.`);
    await pause(pollMs);
  }
  return undefined;
}

/** Label that keeps a secret's first version, which Terraform made and would make again were it forgotten. */
const FIRST = "FIRST";

interface SecretDeps {
  readonly secrets: SecretsManagerClient;
  readonly naming: Naming;
}

/** Names a delivery's parameter, and its secret; secrets with names of their own begin so too. */
export const pathOf = (naming: Naming, delivery: Delivery): string =>
  naming.path("deliveries", naming.of("queue", deliveryName(delivery)));

const secretOf = (naming: Naming, delivery: Delivery): string => {
  const { operatorId, name, kind } = delivery;
  if (kind !== "webhook") throw new UserError(`${operatorId}/${name} is a ${kind}, and only webhooks have secrets.`);
  return pathOf(naming, delivery);
};

/** Lists the versions of a secret by their labels. */
async function versionsOf(secrets: SecretsManagerClient, SecretId: string): Promise<ReadonlyMap<string, string>> {
  const { Versions = [] } = await secrets.send(new ListSecretVersionIdsCommand({ SecretId }));
  return new Map(
    Versions.flatMap(({ VersionId = "", VersionStages = [] }) =>
      VersionStages.map((label) => [label, VersionId] as const),
    ),
  );
}

/**
 * Makes a new secret for a webhook, and answers it: for whoever configures the receiver, and nobody else. Messages are
 * signed with the one before, too, until it is ended. Throws a `UserError` while there is one before that.
 */
export async function rotate({ secrets, naming }: SecretDeps, delivery: Delivery): Promise<string> {
  const SecretId = secretOf(naming, delivery);
  const versions = await versionsOf(secrets, SecretId);
  if (versions.has("AWSPREVIOUS")) {
    throw new UserError(
      `${deliveryKey(delivery)} has two secrets, and a third would end one that the receiver may still go by. ` +
        `End it first: npm run rotate -- ${delivery.operatorId} ${delivery.name} --end`,
    );
  }
  const current = versions.get("AWSCURRENT");
  if (current !== undefined && !versions.has(FIRST)) {
    await secrets.send(
      new UpdateSecretVersionStageCommand({ SecretId, VersionStage: FIRST, MoveToVersionId: current }),
    );
  }
  const secret = `whsec_${randomBytes(32).toString("base64")}`;
  await secrets.send(new PutSecretValueCommand({ SecretId, SecretString: secret }));
  return secret;
}

/** Ends the secret before the current one. Throws a `UserError` when there is none. */
export async function endPrevious({ secrets, naming }: SecretDeps, delivery: Delivery): Promise<void> {
  const SecretId = secretOf(naming, delivery);
  const previous = (await versionsOf(secrets, SecretId)).get("AWSPREVIOUS");
  if (previous === undefined)
    throw new UserError(`${deliveryKey(delivery)} has one secret only, so none can be ended.`);
  await secrets.send(
    new UpdateSecretVersionStageCommand({ SecretId, VersionStage: "AWSPREVIOUS", RemoveFromVersionId: previous }),
  );
}

/** A delivery that is left alone, because its receiver fails. */
export interface LeftAlone extends Delivery {
  readonly failures: number;
  readonly until: Date;
}

/** Keys of one BatchGetItem. */
const BATCH = 100;

/** Lists the deliveries whose circuits are not closed. */
export async function openCircuits(
  { dynamodb, naming }: { readonly dynamodb: DynamoDBClient; readonly naming: Naming },
  config: WithDeliveries,
): Promise<readonly LeftAlone[]> {
  const all = new Map(deliveriesOf(config).map((delivery) => [deliveryKey(delivery), delivery]));
  const keys = [...all.keys()].map((key) => ({ item: { S: key } }));
  const table = naming.of("table", "deliveries");
  const found: LeftAlone[] = [];
  for (let start = 0; start < keys.length; start += BATCH) {
    const { Responses } = await dynamodb.send(
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys: keys.slice(start, start + BATCH) } } }),
    );
    for (const { item, failures, openUntil } of Responses?.[table] ?? []) {
      const delivery = all.get(item?.S ?? "");
      if (delivery && openUntil?.N !== undefined) {
        found.push({ ...delivery, failures: Number(failures?.N), until: new Date(Number(openUntil.N)) });
      }
    }
  }
  return found;
}
